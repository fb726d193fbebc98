"""The plan of the embedded stack: what runs, with which environment, and what the user may bring."""

from configparser import RawConfigParser
from pathlib import Path

from tests.support.stacks import home_in
from vivavoce.cli.home import Home
from vivavoce.cli.stack.conf import supervisor_conf
from vivavoce.cli.stack.keys import ensure_keys
from vivavoce.cli.stack.names import DATABASE, SERVICES
from vivavoce.cli.stack.parts import Plan
from vivavoce.cli.stack.plan import make_plan, needed_ports
from vivavoce.cli.stack.ports import choose_ports


def plan(home: Home, user: dict[str, str] | None = None, *, scripted: bool = False) -> Plan:
    environment = user or {}
    ports = choose_ports(needed_ports(environment), {}, None)
    return make_plan(home, ports, ensure_keys(home), environment, scripted=scripted)


def environment_of(made: Plan, name: str) -> dict[str, str]:
    return next(process.environment for process in made.processes if process.name == name)


def test_every_service_has_its_own_database_and_port_and_shares_the_rest(tmp_path: Path) -> None:
    made = plan(home_in(tmp_path))
    services = {process.name: process.environment for process in made.of("services")}
    assert tuple(services) == SERVICES
    assert {name: own["MONGODB_DATABASE"] for name, own in services.items()} == {
        name: f"viva_{name}" for name in SERVICES
    }
    assert len({own["HTTP_PORT"] for own in services.values()}) == len(SERVICES)
    for shared in ("KAFKA_BOOTSTRAP_SERVERS", "KAFKA_DOORBELL_FOLDER", "MONGODB_URI", "STORE_URL"):
        assert len({own[shared] for own in services.values()}) == 1


def test_keys_go_to_the_one_service_that_needs_them(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    made, keys = plan(home), ensure_keys(home)
    holders = {
        process.name for process in made.processes if keys.notifier_private in process.environment.values()
    }
    assert holders == {"notifier"}
    assert environment_of(made, "gateway")["NOTIFIER_PUBLIC_KEY"] == keys.notifier_public
    assert environment_of(made, "gateway")["TOKEN_JWKS_FILE"] == str(keys.jwks)


def test_what_the_user_has_set_is_left_to_inheritance(tmp_path: Path) -> None:
    made = plan(home_in(tmp_path), {"STORE_URL": "s3://bucket/x", "OPEN_TO_LOOPBACK": "false"})
    assert "STORE_URL" not in environment_of(made, "media")
    assert "OPEN_TO_LOOPBACK" not in environment_of(made, "gateway")


def test_scripted_adapters_are_chosen_for_media_and_evaluation(tmp_path: Path) -> None:
    made = plan(home_in(tmp_path), scripted=True)
    assert environment_of(made, "media")["MEDIA_ANALYZER"] == "scripted"
    assert environment_of(made, "evaluation")["EVALUATION_JUDGE"] == "scripted"
    assert "MEDIA_ANALYZER" not in environment_of(plan(home_in(tmp_path)), "media")


def test_a_broker_and_a_database_of_the_users_are_not_started_again(tmp_path: Path) -> None:
    made = plan(
        home_in(tmp_path),
        {"KAFKA_BOOTSTRAP_SERVERS": "kafka:9092", "MONGODB_URI": "mongodb://user:secret@mongo/"},
    )
    assert made.of("infrastructure") == ()
    assert not made.embeds_broker()
    assert environment_of(made, "media")["KAFKA_BOOTSTRAP_SERVERS"] == "kafka:9092"
    assert "KAFKA_DOORBELL_FOLDER" not in environment_of(made, "media")
    assert "secret" not in made.model_dump_json()


def test_the_database_can_be_told_to_fail_only_when_that_is_wished(tmp_path: Path) -> None:
    def database(user: dict[str, str]) -> tuple[str, ...]:
        made = plan(home_in(tmp_path), user)
        return next(process.command for process in made.processes if process.name == DATABASE)

    assert "--enable-test-commands" in database({"VIVA_DATABASE_TEST_COMMANDS": "1"})
    assert "--enable-test-commands" not in database({})


def test_the_supervisors_configuration_names_neither_the_home_nor_a_secret(tmp_path: Path) -> None:
    home = home_in(tmp_path / "a folder; with # 100% awkward name")
    made = plan(home)
    text = supervisor_conf(made)
    assert str(home.root) not in text
    assert ensure_keys(home).notifier_private not in text


def test_everything_supervised_is_restarted_and_escalated(tmp_path: Path) -> None:
    made = plan(home_in(tmp_path))
    conf = RawConfigParser()
    conf.read_string(supervisor_conf(made))
    for process in made.supervised():
        program = conf[f"program:{process.name}"]
        assert program["autorestart"] == "true"
        assert program["killasgroup"] == program["stopasgroup"] == "true"
        assert int(program["stopwaitsecs"]) == process.stop_seconds
    assert conf["group:services"]["programs"] == ",".join(SERVICES)
    assert int(conf["group:services"]["priority"]) > int(conf["group:infrastructure"]["priority"])


def test_the_control_socket_has_a_path_that_a_socket_may_have(tmp_path: Path) -> None:
    deep = Home(tmp_path / ("d" * 120))
    assert len(str(deep.socket)) < 100
    assert deep.socket != Home(tmp_path / ("e" * 120)).socket
    assert Home(Path("/home/me/.viva")).socket == Path("/home/me/.viva/run/supervisor.sock")

"""What the stack's processes are called."""

GATEWAY = "gateway"
SERVICES = (GATEWAY, "media", "proctoring", "evaluation", "notifier")
BROKER = "broker"
BROKER_SERVER = "broker-server"
KAFKA_BROKERS = ("kafka-1", "kafka-2", "kafka-3")
DATABASE = "database"
SUPERVISOR = "supervisor"
LAUNCH = "vivavoce.cli.stack.launch"

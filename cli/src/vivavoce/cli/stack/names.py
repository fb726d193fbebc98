"""What the stack's processes are called."""

GATEWAY = "gateway"
SERVICES = (GATEWAY, "media", "proctoring", "evaluation", "notifier")
BROKER = "broker"
BROKER_SERVER = "broker-server"
DATABASE = "database"
SUPERVISOR = "supervisor"
LAUNCH = "vivavoce.cli.stack.launch"

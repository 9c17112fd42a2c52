"""The back-office shell and the work desk 工作台."""

"""What people do with their accounts, over HTTP: register, activate, sign in, reset, change."""

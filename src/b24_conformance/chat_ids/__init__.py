"""How CHAT_IDs are made."""

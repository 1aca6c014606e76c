"""The real service: names and forms of its JSON (`routes`, `wire`). Its transport and store stand beside them."""

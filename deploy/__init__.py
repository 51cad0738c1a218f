"""How the product is set up, started and looked after."""

"""Other engines that give a second opinion."""

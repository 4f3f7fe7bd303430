"""What the chapters show: a function a figure or table, with its title, its source and its caution."""

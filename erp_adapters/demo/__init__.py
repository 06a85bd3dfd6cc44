"""The built-in data set: a maker of pumps and valves with eight plants, made up from one seed."""

"""What the hub's operators see of the network and do about it: states over time, notes, acts, and the trail of them.

Owns the tables of state changes, hours, notes, maintenance and acts. It does not write to the log: what changes who
may speak goes to the registrar, as from the command line.
"""

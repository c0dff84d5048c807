"""Answers as files and feeds: owns how records look in each format.

It knows the filters and the view's own query; it does not know who may see what beyond the role it is given, and it
never asks the tables for records itself.
"""

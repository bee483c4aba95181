"""Jobs described and listed, beside the AWS CLI."""

import unittest

import commands


class Reading(commands.CommandsTest):
    def test_reading(self):
        self.check(commands.reading())

    def test_paging(self):
        self.check(commands.paging())


if __name__ == "__main__":
    unittest.main()

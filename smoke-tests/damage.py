"""Input with some bytes changed, cut, put in or doubled; the same in each run."""
import random


def damager(pieces, least):
    """What damages bytes: `pieces` are put in, `least` stands for what would be empty."""
    chance = random.Random(7)

    def damage(data):
        for _ in range(chance.randrange(4)):
            at = chance.randrange(len(data) + 1)
            data = chance.choice([lambda: data[:at], lambda: data[:at] + data[at + 1:],
                                  lambda: data[:at] + bytes([chance.randrange(256)]) + data[at + 1:],
                                  lambda: data[:at] + chance.choice(pieces) + data[at:],
                                  lambda: data + data[at:]])() or least
        return data
    return damage

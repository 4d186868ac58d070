"""What ids say about a ring without proximity: whom each peer knows, and which lookups tell most about the links between
them. Peers are numbered as in ids.txt.
"""

import hashlib
from pathlib import Path

BITS = 256
SUCCESSORS = 4  # As in agreement.yaml.
COLD_PAIRS_MAX = 120
FOLDER = Path(__file__).resolve().parent


def key_seed(peer: int) -> str:
    """The private key of a peer, as key files have it."""
    return hashlib.sha256(f"cicada agreement peer {peer}".encode()).hexdigest()


class Ring:
    def __init__(self, ids: list[str]):
        self.ids = [int(text, 16) for text in ids]
        self.order = sorted(range(len(ids)), key=lambda peer: self.ids[peer])
        self.place = {peer: place for place, peer in enumerate(self.order)}

    def neighbours(self, peer: int, step: int) -> list[int]:
        return [self.order[(self.place[peer] + step * k) % len(self.order)] for k in range(1, SUCCESSORS + 1)]

    def owner(self, key: int) -> int:
        return min(self.order, key=lambda peer: (self.ids[peer] - key) % 2**BITS)

    def fingers(self, peer: int) -> list[int]:
        """Of the levels whose start lies beyond the successor list (chord_fingers.cpp)."""
        span = (self.ids[self.neighbours(peer, 1)[-1]] - self.ids[peer]) % 2**BITS
        starts = [(self.ids[peer] + 2 ** (BITS - 1 - level)) % 2**BITS for level in range(BITS - span.bit_length())]
        return [self.owner(start) for start in starts]

    def knows(self, peer: int) -> dict[str, set[int]]:
        return {
            "successor": set(self.neighbours(peer, 1)),
            "predecessor": set(self.neighbours(peer, -1)),
            "finger": set(self.fingers(peer)) - {peer},
        }


def warming(ring: Ring) -> list[tuple[int, int]]:
    """(peer, key): just behind everybody whom a peer may hand a lookup to, so that the links to them all stand."""
    return [
        (peer, (ring.ids[hop] + 1) % 2**BITS)
        for peer in range(len(ring.ids))
        for hop in sorted(ring.knows(peer)["successor"] | ring.knows(peer)["finger"])
    ]


def cold(ring: Ring) -> list[tuple[int, int]]:
    """(peer, key): of keys whose owners have no reason to hold a link to the peer; no two such links are the same."""
    count = len(ring.ids)
    linked = {frozenset((peer, other)) for peer in range(count) for others in ring.knows(peer).values() for other in others}
    linked |= {frozenset((peer, ring.owner(key))) for peer, key in warming(ring)}
    linked |= {frozenset((0, peer)) for peer in range(count)}  # All have joined through peer 0.
    chosen: list[tuple[int, int]] = []
    for distance in range(count - 1, 0, -1):
        for place in range(count):
            peer, other = ring.order[place], ring.order[(place + distance) % count]
            if frozenset((peer, other)) not in linked:
                linked.add(frozenset((peer, other)))
                chosen.append((peer, ring.ids[other]))
    return chosen[:COLD_PAIRS_MAX]


def everybody(ring: Ring) -> list[tuple[int, int]]:
    count = len(ring.ids)
    return [(peer, ring.ids[other]) for peer in range(count) for other in range(count) if peer != other]


def write(ids: list[str]):
    """Makes ids.txt and lookups.csv anew."""
    ring = Ring(ids)
    lines = [f"{key_id}  # peer {peer}\n" for peer, key_id in enumerate(ids)]
    FOLDER.joinpath("ids.txt").write_text("# SHA-256 of the public keys of the seeds in lists.py.\n" + "".join(lines))
    text = "# at_s,peer,key; made by `agreement_test.py --write-lists`. A lookup a second.\n"
    at_s = 10
    for title, lookups in (
        ("links are opened", warming(ring)),
        ("the same again: all links stand", warming(ring)),
        ("owners open links to the askers", cold(ring)),
        ("the same again", cold(ring)),
        ("everybody asks for everybody", everybody(ring)),
    ):
        text += f"# {title}\n"
        for peer, key in lookups:
            text += f"{at_s},{peer},{key:064x}\n"
            at_s += 1
    FOLDER.joinpath("lookups.csv").write_text(text)


def committed_ids() -> list[str]:
    return [line.split()[0] for line in FOLDER.joinpath("ids.txt").read_text().splitlines() if not line.startswith("#")]

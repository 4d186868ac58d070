"""Holds back every TCP packet that comes in on the loopback interface of this network namespace, for as long as the last
line of standard input says, in seconds; at first not at all. Packets stay in order. Prints "ready" when it works, and
answers each line with "set".

Not by tc's netem, which not every kernel has: the packets wait in a queue of the kernel (NFQUEUE), and only their numbers
come here.
"""

import select
import socket
import struct
import subprocess
import sys
import time
from collections import deque

# As they come in: a sender's TCP would stop while its own packets wait below it on their way out.
RULE = "iptables -w -t mangle -A PREROUTING -i lo -p tcp -j NFQUEUE --queue-num 0 --queue-bypass".split()

# linux/netlink.h, linux/netfilter/nfnetlink_queue.h
NETLINK_NETFILTER, NFNL_SUBSYS_QUEUE = 12, 3
MSG_PACKET, MSG_CONFIG, MSG_VERDICT_BATCH = 0, 2, 3
ATTRIBUTE_PACKET, ATTRIBUTE_VERDICT = 1, 2
CONFIG_COMMAND, CONFIG_PARAMS, CONFIG_QUEUE_LENGTH = 1, 2, 3
COMMAND_BIND, COPY_META, ACCEPT = 1, 1, 1
SOL_NETLINK, NETLINK_NO_ENOBUFS = 270, 5
QUEUE_LENGTH = 200_000


class Queue:
    """The kernel's queue number 0."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
        self.socket.bind((0, 0))
        self.socket.setsockopt(SOL_NETLINK, NETLINK_NO_ENOBUFS, 1)
        self.configure(CONFIG_COMMAND, struct.pack(">BBH", COMMAND_BIND, 0, socket.AF_INET))
        self.configure(CONFIG_PARAMS, struct.pack(">IB", 0, COPY_META))
        self.configure(CONFIG_QUEUE_LENGTH, struct.pack(">I", QUEUE_LENGTH))
        self.socket.setblocking(False)

    def send(self, kind: int, attribute: int, data: bytes, acknowledged: bool = False):
        body = struct.pack("=BBH", 0, 0, 0) + struct.pack("=HH", len(data) + 4, attribute) + data
        body += b"\0" * (-len(body) % 4)
        flags = 5 if acknowledged else 1
        self.socket.send(struct.pack("=IHHII", 16 + len(body), NFNL_SUBSYS_QUEUE << 8 | kind, flags, 0, 0) + body)

    def configure(self, attribute: int, data: bytes):
        self.send(MSG_CONFIG, attribute, data, acknowledged=True)
        answer = self.socket.recv(65536)
        error = struct.unpack_from("=i", answer, 16)[0]
        if error:
            sys.exit(f"delay_line: the kernel's queue: error {-error}")

    def release_up_to(self, number: int):
        self.send(MSG_VERDICT_BATCH, ATTRIBUTE_VERDICT, struct.pack(">II", ACCEPT, number))

    def arrivals(self) -> list[int]:
        """The numbers of the packets that have come since the last call."""
        numbers = []
        while True:
            try:
                block = self.socket.recv(65536)
            except BlockingIOError:
                return numbers
            at = 0
            while at + 20 <= len(block):
                length, kind = struct.unpack_from("=IH", block, at)
                if kind == NFNL_SUBSYS_QUEUE << 8 | MSG_PACKET:
                    numbers += self.number_in(block, at + 20, at + length)
                at += (length + 3) & ~3

    @staticmethod
    def number_in(block: bytes, at: int, end: int) -> list[int]:
        while at + 4 <= end:
            length, attribute = struct.unpack_from("=HH", block, at)
            if attribute == ATTRIBUTE_PACKET:
                return [struct.unpack_from(">I", block, at + 4)[0]]
            at += (length + 3) & ~3
        return []


def main():
    queue = Queue()
    subprocess.run(RULE, check=True)
    print("ready", flush=True)
    held: deque[tuple[float, int]] = deque()
    delay = 0.0
    while True:
        wait_s = max(0.0, held[0][0] - time.monotonic()) if held else None
        ready, _, _ = select.select([queue.socket, sys.stdin], [], [], wait_s)  # To the microsecond; poll has milliseconds.
        if sys.stdin in ready:
            line = sys.stdin.readline()
            if not line:
                return  # Whoever started this is gone. Unqueued packets pass ("bypass").
            delay = float(line)
            print("set", flush=True)
        now = time.monotonic()
        held += [(now + delay, number) for number in queue.arrivals()]
        last = None
        while held and held[0][0] <= now:
            last = held.popleft()[1]
        if last is not None:
            queue.release_up_to(last)


if __name__ == "__main__":
    main()

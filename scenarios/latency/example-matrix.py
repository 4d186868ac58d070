#!/usr/bin/env python3
"""Prints example-matrix.txt, the invented 64 x 64 matrix of round trips that matrix.yaml reads.

Site i has a place (x, y) in a unit square and an access delay a, all three from a low-discrepancy sequence, so that
there is nothing random to repeat:
    x, y, u = frac((i + 1) / g), frac((i + 1) / g^2), frac((i + 1) / g^3)     g^4 = g + 1
    a       = -60 ms * ln(1 - u)                                              exponential, mean 60 ms
    rtt     = (a_i + a_j + 100 ms * distance) * (0.6 + 0.8 * frac((i + 1) (j + 1) / golden ratio))    for i < j
The last factor stands for detours, and makes triangles that cost more straight than around, as real ones do. The three
constants were chosen for a median near 156 ms and a mean near 178 ms, those of the King data set.
"""
import math
import statistics

SITES = 64
G = 1.2207440846057596
GOLDEN = (1 + math.sqrt(5)) / 2


def frac(value):
    return value - math.floor(value)


def site(i):
    x, y, u = (frac((i + 1) / G**power) for power in (1, 2, 3))
    return x, y, -60 * math.log(1 - u)


def round_trip(i, j):
    if i == j:
        return 0.0
    i, j = min(i, j), max(i, j)
    (xi, yi, ai), (xj, yj, aj) = site(i), site(j)
    detour = 0.6 + 0.8 * frac((i + 1) * (j + 1) / GOLDEN)
    return round((ai + aj + 100 * math.hypot(xi - xj, yi - yj)) * detour, 1)


pairs = [round_trip(i, j) for i in range(SITES) for j in range(i)]
print("# Round trips in ms between 64 invented sites; made by scenarios/latency/example-matrix.py, which has the formula.")
print(f"# Median {statistics.median(pairs):.0f} ms, mean {statistics.mean(pairs):.0f} ms, {min(pairs)} to {max(pairs)} ms.")
for row in range(SITES):
    print(" ".join(f"{round_trip(row, column):g}" for column in range(SITES)))

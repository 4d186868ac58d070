// Prints one identifier: the smallest program that needs a header and the library.
#include <cicada/id.hpp>
#include <iostream>

int main() { std::cout << (cicada::Id::power_of_two(255) + cicada::Id::power_of_two(0)).to_hex() << '\n'; }

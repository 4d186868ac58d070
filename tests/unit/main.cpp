// The main program of every test binary; Catch2 writes it. It is its own file because it takes long to compile.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>

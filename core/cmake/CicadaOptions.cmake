# What a builder may choose, and the defaults of a plain `cmake -S . -B build`.

option(CICADA_TESTS "Build the tests, which need Catch2, rapidcheck and Python" ${PROJECT_IS_TOP_LEVEL})
option(CICADA_FUZZ "Build the libFuzzer targets too (clang only)" OFF)
option(CICADA_CLANG_TIDY "Run clang-tidy-19 on every file as it is compiled" OFF)
option(CICADA_REPOSITORY_TESTS "Register the tests of the repository itself: tidy, package, digest" ON)
set(CICADA_SANITIZE "" CACHE STRING "Sanitizers: empty, address (with undefined), or thread")
set_property(CACHE CICADA_SANITIZE PROPERTY STRINGS "" address thread)
set(CICADA_FUZZ_SECONDS 12 CACHE STRING "Seconds that each fuzz target runs as a test")

if(NOT CICADA_SANITIZE MATCHES "^(address|thread)?$")
  message(FATAL_ERROR "CICADA_SANITIZE is '${CICADA_SANITIZE}'; expected empty, address or thread")
endif()
if(CICADA_FUZZ AND NOT CICADA_TESTS)
  message(FATAL_ERROR "CICADA_FUZZ needs CICADA_TESTS")
endif()
if(CICADA_FUZZ AND NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  message(FATAL_ERROR "CICADA_FUZZ needs clang (libFuzzer), this is ${CMAKE_CXX_COMPILER_ID}; use --preset fuzz")
endif()

get_property(multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
if(NOT multi_config AND NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release or RelWithDebInfo" FORCE)
endif()

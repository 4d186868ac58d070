# The language level, and the one interface target that carries warnings, floating-point rules and sanitizers.
# It is linked privately: whoever uses an installed Cicada gets none of these flags.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
include(GNUInstallDirs)

# NDEBUG is defined nowhere: assertions belong to the program in every build. Debug is -O1, because simulations at -O0
# take too long to be run often, and checks the preconditions of the standard library.
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g -fno-omit-frame-pointer -D_GLIBCXX_ASSERTIONS")
set(CMAKE_CXX_FLAGS_RELEASE "-O2")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g -fno-omit-frame-pointer")

find_program(CICADA_CCACHE ccache)
mark_as_advanced(CICADA_CCACHE)
if(CICADA_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # The sloppiness is what ccache asks for where headers are precompiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CICADA_CCACHE})
endif()

# Most of a build is the headers of other libraries, read and instantiated again for every source. Where a preset turns
# CMAKE_UNITY_BUILD on, so many sources share that work. Names in anonymous namespaces have to differ then.
set(CMAKE_UNITY_BUILD_BATCH_SIZE 10)

# cicada_precompile(TARGET HEADER...): headers of other libraries that most sources of a target include, and that take
# longer to read than the source. Only for tests: everything else is built in batches, which saves more.
function(cicada_precompile target)
  target_precompile_headers(${target} PRIVATE ${ARGN})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # From a precompiled header g++ 12 does not know which lines are a system's, and reports known false positives there.
    target_compile_options(${target} PRIVATE -fpch-preprocess -Wno-array-bounds -Wno-stringop-overflow)
  else()
    target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  endif()
endfunction()

if(CICADA_CLANG_TIDY)
  find_program(CICADA_CLANG_TIDY_PROGRAM NAMES clang-tidy-19 REQUIRED)
  set(CMAKE_CXX_CLANG_TIDY ${CICADA_CLANG_TIDY_PROGRAM} --quiet)
endif()

add_library(cicada_build_flags INTERFACE)
target_compile_options(
  cicada_build_flags
  INTERFACE -Wall
            -Wextra
            -Wpedantic
            -Wshadow
            -Wconversion
            -Wsign-conversion
            -Wnon-virtual-dtor
            -Wold-style-cast
            -Werror
            # In a batch a local name meets those of other files; the builds without batches look for shadowed names.
            $<$<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>:-Wno-shadow>
            # A fused multiply-add rounds once where two operations round twice; digests must not depend on that.
            -ffp-contract=off)

if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # libstdc++ 12 implements std::stable_sort with a function that it marks as deprecated; clang reports it to the caller.
  target_compile_options(cicada_build_flags INTERFACE -Wno-deprecated-declarations)
endif()

set(sanitizers "")
if(CICADA_SANITIZE STREQUAL "address")
  list(APPEND sanitizers -fsanitize=address,undefined)
elseif(CICADA_SANITIZE STREQUAL "thread")
  list(APPEND sanitizers -fsanitize=thread)
  # ThreadSanitizer knows no fences, and g++ says so; the locks of Asio's queues order the same things.
  target_compile_definitions(cicada_build_flags INTERFACE BOOST_ASIO_DISABLE_FENCED_BLOCK)
endif()
if(CICADA_FUZZ)
  list(APPEND sanitizers -fsanitize=fuzzer-no-link)
endif()
if(sanitizers)
  # -g1 is enough for the lines in a sanitizer's report, and compiles much faster than -g.
  target_compile_options(cicada_build_flags INTERFACE ${sanitizers} -fno-sanitize-recover=all -fno-omit-frame-pointer -g1)
  target_link_options(cicada_build_flags INTERFACE ${sanitizers})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC documents false positives of this warning under instrumentation.
    target_compile_options(cicada_build_flags INTERFACE -Wno-maybe-uninitialized)
  endif()
endif()

# The Catch2 programs: cicada_tests from tests/unit, cicada_sim_tests from tests/sim, cicada_real_tests from tests/real. Every
# TEST_CASE is one ctest test. They may include private headers of the libraries that they test.

find_package(Catch2 2.13 REQUIRED)
find_package(rapidcheck REQUIRED)
include(Catch)

# Outside the plain g++ builds, labels and names tell the build, so that one ctest run can hold several.
if(CICADA_SANITIZE)
  set(test_label sanitizer)
  set(test_prefix ${CICADA_SANITIZE}/)
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  set(test_label clang)
  set(test_prefix clang/)
endif()

add_library(cicada_test_main OBJECT unit/main.cpp)
target_link_libraries(cicada_test_main PRIVATE Catch2::Catch2 cicada_build_flags)

function(cicada_add_test_program name folder label library)
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  if(NOT sources OR NOT TARGET cicada_core OR (library STREQUAL "net_real" AND NOT TARGET cicada_net_real))
    message(STATUS "cicada: no sources for ${name} in tests/${folder} yet")
    return()
  endif()
  if(test_label)
    set(label ${test_label})
  endif()
  add_executable(${name} ${sources})
  string(REPLACE "_" "-" library_folder ${library})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/core/src ${PROJECT_SOURCE_DIR}/${library_folder}/src
                                             ${CMAKE_CURRENT_SOURCE_DIR})
  target_compile_definitions(${name} PRIVATE CICADA_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE cicada_test_main cicada_core Catch2::Catch2 rapidcheck cicada_build_flags)
  cicada_precompile(${name} <catch2/catch.hpp> <rapidcheck.h> <map> <memory> <string> <vector> ${ARGN})
  if(CICADA_SANITIZE)
    # What is tested is optimised a little; instrumented and optimised tests would take three times as long to compile.
    target_compile_options(${name} PRIVATE -O0)
  endif()
  if(TARGET cicada_${library})
    target_link_libraries(${name} PRIVATE cicada_${library})
  endif()
  catch_discover_tests(
    ${name}
    TEST_PREFIX "${test_prefix}${folder}/"
    PROPERTIES LABELS ${label} TIMEOUT 600)
endfunction()

cicada_add_test_program(cicada_tests unit unit net_sim <nlohmann/json.hpp>)
cicada_add_test_program(cicada_sim_tests sim sim net_sim <nlohmann/json.hpp>)
cicada_add_test_program(cicada_real_tests real real net_real)
if(TARGET cicada_real_tests)
  find_package(OpenSSL 3.0 REQUIRED)
  # Strangers in these tests speak TLS by themselves.
  target_link_libraries(cicada_real_tests PRIVATE OpenSSL::SSL OpenSSL::Crypto)
endif()

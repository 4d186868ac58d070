# Tests of the repository itself: rules of style and dependency (tests/tidy), the installed package (tests/package).
# Each rule has a self-test that feeds it bad examples, because a check that cannot fail proves nothing.

find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)

function(cicada_add_tidy_test name script)
  add_test(NAME tidy.${name} COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/tidy/${script} ${ARGN})
  set_tests_properties(tidy.${name} PROPERTIES LABELS tidy TIMEOUT 600)
endfunction()

cicada_add_tidy_test(sources source_rules.py --root ${PROJECT_SOURCE_DIR})
cicada_add_tidy_test(sources.self_test source_rules.py --self-test)

cicada_add_tidy_test(packages packages.py --root ${PROJECT_SOURCE_DIR})
cicada_add_tidy_test(packages.self_test packages.py --self-test)

cicada_add_tidy_test(headers headers_alone.py --root ${PROJECT_SOURCE_DIR} --compiler ${CMAKE_CXX_COMPILER})
cicada_add_tidy_test(headers.self_test headers_alone.py --self-test --compiler ${CMAKE_CXX_COMPILER})

if(TARGET cicada_core)
  cicada_add_tidy_test(core_symbols core_symbols.py --archive $<TARGET_FILE:cicada_core> --nm ${CMAKE_NM})
  cicada_add_tidy_test(core_symbols.self_test core_symbols.py --self-test --nm ${CMAKE_NM} --compiler
                       ${CMAKE_CXX_COMPILER})
endif()

find_program(CICADA_CLANG_FORMAT NAMES clang-format-19)
if(CICADA_CLANG_FORMAT)
  cicada_add_tidy_test(format layout.py --root ${PROJECT_SOURCE_DIR} --clang-format ${CICADA_CLANG_FORMAT})
  cicada_add_tidy_test(format.self_test layout.py --self-test --root ${PROJECT_SOURCE_DIR} --clang-format
                       ${CICADA_CLANG_FORMAT})
endif()

# The tidy preset lints everything as it compiles, which takes long; here the core stands for the rest.
find_program(CICADA_CLANG_TIDY_PROGRAM NAMES clang-tidy-19)
if(CICADA_CLANG_TIDY_PROGRAM)
  cicada_add_tidy_test(lint lint.py --root ${PROJECT_SOURCE_DIR} --clang-tidy ${CICADA_CLANG_TIDY_PROGRAM})
  cicada_add_tidy_test(lint.self_test lint.py --self-test --root ${PROJECT_SOURCE_DIR} --clang-tidy
                       ${CICADA_CLANG_TIDY_PROGRAM})
endif()

if(TARGET cicada_core)
  add_test(NAME package.find_package COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/package/package_test.sh ${CMAKE_COMMAND}
                                             ${CMAKE_BINARY_DIR} ${CMAKE_CXX_COMPILER})
  set_tests_properties(package.find_package PROPERTIES LABELS package TIMEOUT 300)
endif()
add_test(NAME package.without_tests COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/package/without_tests_test.sh ${CMAKE_COMMAND}
                                            ${PROJECT_SOURCE_DIR} ${CMAKE_CXX_COMPILER})
set_tests_properties(package.without_tests PROPERTIES LABELS package TIMEOUT 120)

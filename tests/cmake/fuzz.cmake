# Fuzz targets: tests/fuzz/<name>_fuzz.cpp, with the corpus tests/fuzz/corpus/<name>/. As a test each runs for
# CICADA_FUZZ_SECONDS from the committed corpus. What it discovers goes to the build tree, never into the sources.

file(GLOB sources CONFIGURE_DEPENDS fuzz/*_fuzz.cpp)
add_custom_target(fuzz_targets)
foreach(source IN LISTS sources)
  if(NOT TARGET cicada_core)
    break()
  endif()
  get_filename_component(target ${source} NAME_WE)
  string(REGEX REPLACE "_fuzz$" "" name ${target})
  add_executable(${target} ${source})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/core/src ${PROJECT_SOURCE_DIR}/net-sim/src)
  target_link_libraries(${target} PRIVATE cicada_core cicada_build_flags)
  if(TARGET cicada_net_sim AND NOT name STREQUAL codec)
    target_link_libraries(${target} PRIVATE cicada_net_sim)
  endif()
  if(TARGET cicada_node_parts AND name MATCHES "^node_")
    target_link_libraries(${target} PRIVATE cicada_node_parts)
  endif()
  if(TARGET cicada_net_real AND name STREQUAL links)
    target_link_libraries(${target} PRIVATE cicada_net_real)
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/net-real/src)
  endif()
  target_link_options(${target} PRIVATE -fsanitize=fuzzer)

  add_dependencies(fuzz_targets ${target})

  set(found ${CMAKE_CURRENT_BINARY_DIR}/found/${name})
  file(MAKE_DIRECTORY ${found})
  add_test(NAME fuzz.${name}
           COMMAND ${target} -max_total_time=${CICADA_FUZZ_SECONDS} -timeout=10 -rss_limit_mb=2048 -verbosity=0
                   -print_final_stats=1 -artifact_prefix=${found}/ ${found} ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/corpus/${name})
  math(EXPR limit "${CICADA_FUZZ_SECONDS} + 120")
  set_tests_properties(fuzz.${name} PROPERTIES LABELS fuzz TIMEOUT ${limit})
endforeach()

# The real node as its users meet it. tests/natlab: against real NAT gateways in network namespaces, for root, with the
# lab that lies beside the project; without these the tests say what they left out (status 77). tests/node: processes on
# loopback, in every tree.

find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)

if(TARGET cicada_net_real)
  find_package(nlohmann_json REQUIRED)
  add_executable(port_mapping_probe natlab/port_mapping_probe.cpp)
  target_link_libraries(port_mapping_probe PRIVATE cicada_net_real nlohmann_json::nlohmann_json cicada_build_flags)

  if(CICADA_REPOSITORY_TESTS)
    add_test(NAME nat.port_mapping COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/natlab/port_mapping_test.py)
    set_tests_properties(
      nat.port_mapping
      PROPERTIES LABELS nat TIMEOUT 600 SKIP_RETURN_CODE 77 ENVIRONMENT
                 CICADA_PORT_MAPPING_PROBE=$<TARGET_FILE:port_mapping_probe>)
  endif()
endif()

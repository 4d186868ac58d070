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

if(TARGET cicada_node_parts)
  cicada_add_test_program(cicada_node_tests node node net_real)
  target_link_libraries(cicada_node_tests PRIVATE cicada_node_parts OpenSSL::SSL OpenSSL::Crypto)
endif()

if(TARGET cicada-node AND CICADA_REPOSITORY_TESTS)
  foreach(name clock commands output places reload swarm)
    add_test(NAME node.${name} COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/node/${name}_test.py)
    # Timing on a machine that does ten other things at the same time would say nothing about the node.
    set_tests_properties(node.${name} PROPERTIES LABELS node TIMEOUT 600 RUN_SERIAL ON SKIP_RETURN_CODE 77 ENVIRONMENT
                                                 CICADA_NODE=$<TARGET_FILE:cicada-node>)
  endforeach()
  add_test(NAME nat.ipv6 COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/natlab/ipv6_test.py)
  set_tests_properties(nat.ipv6 PROPERTIES LABELS nat TIMEOUT 300 SKIP_RETURN_CODE 77 ENVIRONMENT
                                           CICADA_NODE=$<TARGET_FILE:cicada-node>)
  add_test(NAME nat.node COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/natlab/node_test.py)
  set_tests_properties(nat.node PROPERTIES LABELS nat TIMEOUT 600 SKIP_RETURN_CODE 77 ENVIRONMENT
                                           CICADA_NODE=$<TARGET_FILE:cicada-node>)
endif()

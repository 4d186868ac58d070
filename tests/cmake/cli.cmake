# The command line as users meet it: every script in tests/cli, with the program in the environment.

if(TARGET cicada-sim)
  file(GLOB scripts CONFIGURE_DEPENDS cli/*.sh)
  foreach(script IN LISTS scripts)
    get_filename_component(name ${script} NAME_WE)
    add_test(NAME cli.${name} COMMAND ${script})
    set_tests_properties(cli.${name} PROPERTIES LABELS cli TIMEOUT 600 ENVIRONMENT CICADA_SIM=$<TARGET_FILE:cicada-sim>)
  endforeach()
endif()

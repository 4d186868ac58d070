# `cmake --install` gives headers, libraries, tools, and a package: find_package(cicada) offers cicada::core,
# cicada::net_sim and cicada::net_real. tests/package builds against it as a user would.

if(NOT TARGET cicada_core)
  return()
endif()
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/cicada)

install(EXPORT cicada_targets NAMESPACE cicada:: FILE cicada-targets.cmake DESTINATION ${package_dir})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/cicada-config.cmake.in ${CMAKE_BINARY_DIR}/cicada-config.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/cicada-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/cicada-config.cmake ${CMAKE_BINARY_DIR}/cicada-config-version.cmake
        DESTINATION ${package_dir})

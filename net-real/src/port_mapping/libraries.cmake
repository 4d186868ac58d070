# What port mapping needs: miniupnpc for UPnP, libnatpmp (which has no pkg-config file) for NAT-PMP, fmt for its sentences.

find_package(PkgConfig REQUIRED)
find_package(fmt REQUIRED)
pkg_check_modules(CICADA_MINIUPNPC REQUIRED IMPORTED_TARGET miniupnpc)
find_library(CICADA_NATPMP_LIBRARY natpmp REQUIRED)
find_path(CICADA_NATPMP_INCLUDE natpmp.h REQUIRED)
mark_as_advanced(CICADA_NATPMP_LIBRARY CICADA_NATPMP_INCLUDE)

target_include_directories(cicada_net_real SYSTEM PRIVATE ${CICADA_NATPMP_INCLUDE})
target_link_libraries(cicada_net_real PRIVATE PkgConfig::CICADA_MINIUPNPC ${CICADA_NATPMP_LIBRARY} fmt::fmt)

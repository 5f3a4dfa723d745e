# What `cmake --install` lays down, in two forms: a prefix such as /usr/local, and, with --component python, the inside of
# the Python package (see pyproject.toml). Both from the same build.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# oneDNN beside the library (a bundled wheel), or where it was linked from. The old kind of tag, as oneDNN's own libraries lie there
# too, and the new one does not count for what a library's libraries need.
set(rpath "$ORIGIN")
get_filename_component(dnnl_folder "${DNNL_LIBRARY}" DIRECTORY)
if(NOT dnnl_folder IN_LIST CMAKE_CXX_IMPLICIT_LINK_DIRECTORIES)
  list(APPEND rpath "${dnnl_folder}")  # CMake itself leaves out a folder of the repository, such as .venv/lib
endif()
set_target_properties(lineshaft PROPERTIES INSTALL_RPATH "${rpath}" INSTALL_RPATH_USE_LINK_PATH ON)
target_link_options(lineshaft PRIVATE -Wl,--disable-new-dtags)
set_target_properties(lineshaft_cli PROPERTIES INSTALL_RPATH "$ORIGIN/../lib;$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")

# Headers that an earlier release had there and this one lacks would count for their fingerprint.
set(headers ${CMAKE_INSTALL_INCLUDEDIR})
install(CODE "file(REMOVE_RECURSE \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${headers}/lineshaft\")")
install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/lineshaft DESTINATION ${headers})
install(TARGETS lineshaft EXPORT LineshaftTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} INCLUDES DESTINATION ${headers})
# What find_package(Lineshaft) reads.
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/Lineshaft)
configure_package_config_file(cmake/LineshaftConfig.cmake.in ${CMAKE_BINARY_DIR}/LineshaftConfig.cmake INSTALL_DESTINATION ${package})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/LineshaftConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(EXPORT LineshaftTargets NAMESPACE Lineshaft:: DESTINATION ${package})
install(FILES ${CMAKE_BINARY_DIR}/LineshaftConfig.cmake ${CMAKE_BINARY_DIR}/LineshaftConfigVersion.cmake DESTINATION ${package})
install(TARGETS lineshaft_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES ${CMAKE_SOURCE_DIR}/src/cli/lineshaft.bash RENAME lineshaft
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)

set(python COMPONENT python EXCLUDE_FROM_ALL)
install(TARGETS lineshaft LIBRARY DESTINATION lineshaft/lib ${python})
install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/lineshaft DESTINATION lineshaft/include ${python})
install(TARGETS lineshaft_cli RUNTIME DESTINATION lineshaft/bin ${python})
install(FILES ${CMAKE_SOURCE_DIR}/src/cli/lineshaft.bash DESTINATION lineshaft/share ${python})

# The server under systemd, and its sample configuration.
set(system ${CMAKE_SOURCE_DIR}/src/server/system)
install(CODE "set(command \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/lineshaft\")
configure_file(\"${system}/lineshaft.service.in\" \"${CMAKE_BINARY_DIR}/lineshaft.service\" @ONLY)")
install(FILES ${CMAKE_BINARY_DIR}/lineshaft.service ${system}/lineshaft.socket DESTINATION lib/systemd/system)
install(FILES ${system}/sysusers.conf RENAME lineshaft.conf DESTINATION lib/sysusers.d)
install(FILES ${system}/tmpfiles.conf RENAME lineshaft.conf DESTINATION lib/tmpfiles.d)
install(FILES ${system}/lineshaft.toml DESTINATION ${CMAKE_INSTALL_DATADIR}/lineshaft)
install(FILES ${system}/lineshaft.toml DESTINATION lineshaft/share ${python})

# What `cmake --install` lays down, in two forms: component "python" is the inside of the Python package (see pyproject.toml),
# otherwise a prefix such as /usr/local.
include(GNUInstallDirs)
set(header_folders base platform tensor program ops stream device)

function(lineshaft_install_headers destination)
  install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/ DESTINATION ${destination} ${ARGN})
  foreach(folder ${header_folders})
    install(DIRECTORY ${CMAKE_SOURCE_DIR}/src/${folder} DESTINATION ${destination} ${ARGN}
            FILES_MATCHING PATTERN "*.h" PATTERN "*.def")
  endforeach()
endfunction()

if(SKBUILD)
  # Wheels hold no symbolic links: one file, found by its plain name.
  set_property(TARGET lineshaft PROPERTY VERSION)
  set_property(TARGET lineshaft PROPERTY SOVERSION)
  set_property(TARGET lineshaft PROPERTY INSTALL_RPATH "$ORIGIN")
  install(TARGETS lineshaft LIBRARY DESTINATION lineshaft/lib COMPONENT python)
  lineshaft_install_headers(lineshaft/include COMPONENT python)
  if(TARGET lineshaft_cli)
    set_property(TARGET lineshaft_cli PROPERTY INSTALL_RPATH "$ORIGIN/../lib")
    install(TARGETS lineshaft_cli RUNTIME DESTINATION lineshaft/bin COMPONENT python)
    install(FILES ${CMAKE_SOURCE_DIR}/src/cli/lineshaft.bash DESTINATION lineshaft/share COMPONENT python)
  endif()
  return()
endif()

install(TARGETS lineshaft LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
lineshaft_install_headers(${CMAKE_INSTALL_INCLUDEDIR}/lineshaft-engine)
if(TARGET lineshaft_cli)
  set_property(TARGET lineshaft_cli PROPERTY INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
  install(TARGETS lineshaft_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(FILES ${CMAKE_SOURCE_DIR}/src/cli/lineshaft.bash RENAME lineshaft
          DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
endif()

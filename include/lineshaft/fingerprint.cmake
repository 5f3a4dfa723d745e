# The fingerprint of the engine's public headers: a hash of their names and contents, the same in a source tree, in an
# install prefix and in the Python package. The engine carries that of its own headers (base/fingerprint.h), and who builds
# against it that of the headers that it was compiled with, so that two that do not belong together are told apart.
#
#   cmake -P fingerprint.cmake             # prints that of the folder above this file, where the headers are installed

set(lineshaft_fingerprint_script ${CMAKE_CURRENT_LIST_FILE})

# lineshaft_public_headers(RESULT ROOT...): `name|path` of each header in the include folders ROOT, sorted by its name, which
# is what an #include says.
function(lineshaft_public_headers result)
  set(headers "")
  foreach(root ${ARGN})
    set(patterns ${root}/lineshaft/*.h ${root}/lineshaft/*.def)
    if(CMAKE_SCRIPT_MODE_FILE)
      file(GLOB_RECURSE found RELATIVE ${root} ${patterns})
    else()
      file(GLOB_RECURSE found RELATIVE ${root} CONFIGURE_DEPENDS ${patterns})
    endif()
    list(TRANSFORM found REPLACE "(.+)" "\\1|${root}/\\1")
    list(APPEND headers ${found})
  endforeach()
  list(SORT headers)
  set(${result} ${headers} PARENT_SCOPE)
endfunction()

# lineshaft_fingerprint(RESULT HEADER...): 16 hexadecimal digits, of headers as lineshaft_public_headers gives them.
function(lineshaft_fingerprint result)
  set(all "")
  foreach(header ${ARGN})
    string(REGEX MATCH "^([^|]+)\\|(.+)$" matched "${header}")
    set(name ${CMAKE_MATCH_1})
    file(SHA256 ${CMAKE_MATCH_2} hash)
    string(APPEND all "${hash} ${name}\n")
  endforeach()
  string(SHA256 hash "${all}")
  string(SUBSTRING ${hash} 0 16 hash)
  set(${result} ${hash} PARENT_SCOPE)
endfunction()

# lineshaft_add_fingerprint(TARGET TEMPLATE ROOT...): one more source of TARGET: TEMPLATE with @LINESHAFT_FINGERPRINT@ replaced
# by that of the headers in the ROOTs. It is made again when one of them changes, comes or goes.
function(lineshaft_add_fingerprint target template)
  lineshaft_public_headers(headers ${ARGN})
  if(NOT headers)
    message(FATAL_ERROR "there are no headers of Lineshaft in ${ARGN}: these have to be the folders that its #includes begin in")
  endif()
  get_filename_component(name ${template} NAME_WLE)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${name})
  # The list is a file, which is written where it changes: without it a header that goes would not be noticed.
  list(JOIN headers "\n" lines)
  file(CONFIGURE OUTPUT ${output}.headers CONTENT "${lines}\n" @ONLY)
  list(TRANSFORM headers REPLACE "^[^|]+\\|" "")
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} "-DHEADERS=${output}.headers" "-DTEMPLATE=${template}" "-DOUTPUT=${output}"
            -P ${lineshaft_fingerprint_script}
    DEPENDS ${output}.headers ${headers} ${template} ${lineshaft_fingerprint_script}
    COMMENT "The fingerprint of the engine's headers"
    VERBATIM)
  # By itself: what changes with every header shall bring nothing else along.
  set_source_files_properties(${output} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON SKIP_PRECOMPILE_HEADERS ON)
  target_sources(${target} PRIVATE ${output})
endfunction()

if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  if(OUTPUT)
    file(STRINGS ${HEADERS} headers)
    lineshaft_fingerprint(LINESHAFT_FINGERPRINT ${headers})
    configure_file(${TEMPLATE} ${OUTPUT} @ONLY)
  else()
    get_filename_component(root ${CMAKE_CURRENT_LIST_DIR} DIRECTORY)
    lineshaft_public_headers(headers ${root})
    lineshaft_fingerprint(fingerprint ${headers})
    execute_process(COMMAND ${CMAKE_COMMAND} -E echo ${fingerprint})
  endif()
endif()

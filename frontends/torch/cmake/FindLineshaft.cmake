# Lineshaft::lineshaft, the engine: from a source tree and its build folder (LINESHAFT_ROOT, LINESHAFT_BUILD), from an install prefix
# (LINESHAFT_ROOT), from the repository around this folder when built as a wheel, or from the installed Python package `lineshaft`.
# lineshaft_includes is its include folder.
set(LINESHAFT_ROOT "" CACHE PATH "The repository, or the prefix where Lineshaft is installed")
set(LINESHAFT_BUILD "" CACHE PATH "The build folder of the repository")

get_filename_component(repository "${CMAKE_CURRENT_SOURCE_DIR}/../.." ABSOLUTE)
if(SKBUILD AND NOT LINESHAFT_ROOT AND EXISTS "${repository}/src/stream/stream.cc")
  # `pip install . ./frontends/torch` builds both wheels before it installs either, so there is no engine to link yet: an empty
  # library of the same name stands for it, and the loader resolves the symbols from the installed one.
  set(lineshaft_includes "${repository}/include")
  file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/stand_in/empty.cc "")
  add_library(lineshaft_stand_in SHARED ${CMAKE_CURRENT_BINARY_DIR}/stand_in/empty.cc)
  set_target_properties(lineshaft_stand_in PROPERTIES OUTPUT_NAME lineshaft
                        LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/stand_in)
  set(LINESHAFT_INSTALL_RPATH "$ORIGIN/../lineshaft/lib")
  add_library(Lineshaft::lineshaft INTERFACE IMPORTED)
  target_include_directories(Lineshaft::lineshaft INTERFACE ${lineshaft_includes})
  target_link_libraries(Lineshaft::lineshaft INTERFACE -Wl,--no-as-needed lineshaft_stand_in)
  return()
endif()

if(LINESHAFT_ROOT AND EXISTS "${LINESHAFT_ROOT}/src/stream/stream.cc")
  if(NOT LINESHAFT_BUILD)
    set(LINESHAFT_BUILD "${LINESHAFT_ROOT}/build")
  endif()
  set(lineshaft_includes "${LINESHAFT_ROOT}/include")
  set(LINESHAFT_LIBRARY_DIR "${LINESHAFT_BUILD}/lib")
elseif(LINESHAFT_ROOT)
  if(POLICY CMP0144)
    cmake_policy(SET CMP0144 NEW)  # or CMake warns of the name LINESHAFT_ROOT
  endif()
  find_package(Lineshaft CONFIG QUIET NO_DEFAULT_PATH PATHS "${LINESHAFT_ROOT}")
  if(NOT Lineshaft_FOUND)
    message(FATAL_ERROR "${LINESHAFT_ROOT} is no prefix where Lineshaft is installed, and no repository of it: build the engine first "
                        "(cmake --build build --target lineshaft), or install it there (cmake --install build --prefix ${LINESHAFT_ROOT})")
  endif()
  get_target_property(lineshaft_includes Lineshaft::lineshaft INTERFACE_INCLUDE_DIRECTORIES)
  get_target_property(LINESHAFT_LIBRARY Lineshaft::lineshaft LOCATION)
  get_filename_component(LINESHAFT_LIBRARY_DIR "${LINESHAFT_LIBRARY}" DIRECTORY)
else()
  execute_process(COMMAND ${Python_EXECUTABLE} -c "import lineshaft; print(lineshaft.include_dir()); print(lineshaft.library_dir())"
                  OUTPUT_VARIABLE answer ERROR_VARIABLE problem RESULT_VARIABLE result OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "lineshaft-torch needs the engine: install the lineshaft package first, or pass -DLINESHAFT_ROOT=.\n${problem}")
  endif()
  string(REPLACE "\n" ";" answer "${answer}")
  list(GET answer 0 lineshaft_includes)
  list(GET answer 1 LINESHAFT_LIBRARY_DIR)
endif()

if(NOT TARGET Lineshaft::lineshaft)
  find_library(LINESHAFT_LIBRARY lineshaft PATHS "${LINESHAFT_LIBRARY_DIR}" NO_DEFAULT_PATH NO_CACHE)
  if(NOT LINESHAFT_LIBRARY)
    message(FATAL_ERROR "liblineshaft.so is not in ${LINESHAFT_LIBRARY_DIR}: build the engine first (cmake --build build --target lineshaft)")
  endif()
  add_library(Lineshaft::lineshaft INTERFACE IMPORTED)
  target_include_directories(Lineshaft::lineshaft INTERFACE ${lineshaft_includes})
  target_link_libraries(Lineshaft::lineshaft INTERFACE ${LINESHAFT_LIBRARY})
endif()
message(STATUS "lineshaft ${LINESHAFT_LIBRARY}")

# An installed extension lies in site-packages/lineshaft_torch, the engine in site-packages/lineshaft/lib.
set(LINESHAFT_INSTALL_RPATH "$ORIGIN/../lineshaft/lib;${LINESHAFT_LIBRARY_DIR}")

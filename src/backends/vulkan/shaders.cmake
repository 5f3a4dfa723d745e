# Compiles shaders/*.comp and shaders/library/*.comp to SPIR-V and writes one source that holds them all by name.
#
# A shader's lines "// VARIANT suffix -DNAME=value ..." each make a kernel named <file>_<suffix>; without such a line the kernel is named as its file.
function(lineshaft_shaders out)
  set(folder ${CMAKE_CURRENT_SOURCE_DIR}/shaders)
  set(made ${CMAKE_BINARY_DIR}/vulkan_shaders)
  file(MAKE_DIRECTORY ${made})
  file(GLOB shaders CONFIGURE_DEPENDS ${folder}/*.comp ${folder}/library/*.comp)
  file(GLOB_RECURSE shared CONFIGURE_DEPENDS ${folder}/*.glsl)
  set(headers)
  set(includes)
  set(rows)
  foreach(shader ${shaders})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${shader})
    get_filename_component(base ${shader} NAME_WE)
    file(STRINGS ${shader} variants REGEX "^// VARIANT ")
    if(NOT variants)
      set(variants "// VARIANT -")
    endif()
    foreach(variant ${variants})
      string(REGEX REPLACE "^// VARIANT +" "" words "${variant}")
      separate_arguments(words)
      list(POP_FRONT words suffix)
      set(name ${base})
      if(NOT suffix STREQUAL "-")
        set(name ${base}_${suffix})
      endif()
      set(header ${made}/${name}.spv.h)
      # Without --keep-uncalled the compiler drops a library's functions; in kernels they would only be ballast.
      set(keep)
      if(shader MATCHES "/library/")
        set(keep --keep-uncalled)
      endif()
      add_custom_command(
        OUTPUT ${header}
        COMMAND ${glslang} -V --quiet --target-env vulkan1.1 ${keep} -I${folder} ${words} --vn spirv_${name} -o ${header} ${shader}
        DEPENDS ${shader} ${shared} VERBATIM
        COMMENT "SPIR-V ${name}")
      list(APPEND headers ${header})
      string(APPEND includes "#include \"${header}\"\n")
      string(APPEND rows "    {\"${name}\", spirv_${name}},\n")
    endforeach()
  endforeach()
  set(source ${made}/kernels.cc)
  file(CONFIGURE OUTPUT ${source} CONTENT
"#include \"backends/vulkan/program/kernels.h\"

#include \"lineshaft/base/error.h\"

namespace lineshaft::vulkan {
namespace {
${includes}
struct Row {
  std::string_view name;
  std::span<const uint32_t> words;
};
const Row rows[] = {
${rows}};
}  // namespace

std::span<const uint32_t> kernel_words(std::string_view name) {
  for (const Row& row : rows)
    if (row.name == name) return row.words;
  fail(ErrorCode::kInternal, \"no kernel is named \", name);
}

}  // namespace lineshaft::vulkan
" @ONLY)
  # The library is a target of another folder, which does not see this folder's rules: a target in between brings them in.
  add_custom_target(lineshaft_shaders DEPENDS ${headers})
  add_dependencies(lineshaft_objects lineshaft_shaders)
  set(${out} ${source} PARENT_SCOPE)
endfunction()

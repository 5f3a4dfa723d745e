#include "backends/vulkan/device/features.h"

#include <algorithm>
#include <array>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "backends/vulkan/planning/elements.h"
#include "lineshaft/base/hash.h"
#include "platform/environment.h"

namespace lineshaft::vulkan {
namespace {

constexpr std::array kMaskable = {"f64", "i64", "f16", "bda", "cooperative_matrix"};
constexpr std::array kFamilies = {Family::kLavapipe, Family::kNvidia, Family::kAmd, Family::kIntel, Family::kOther};

std::vector<std::string> masks() {
  std::vector<std::string> names;
  std::istringstream list(environment("LINESHAFT_VULKAN_MASK").value_or(""));
  for (std::string name; std::getline(list, name, ',');) names.push_back(name);
  return names;
}

bool masked(std::string_view feature) {
  return std::ranges::count(masks(), feature) > 0;
}

DeviceClass class_of(VkPhysicalDeviceType type) {
  switch (type) {
    case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
      return DeviceClass::kDiscreteGpu;
    case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
      return DeviceClass::kIntegratedGpu;
    case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU:
      return DeviceClass::kVirtualGpu;
    default:
      return DeviceClass::kSoftwareGpu;
  }
}

bool is_processor(const VkPhysicalDeviceProperties& properties, VkDriverId driver) {
  return driver == VK_DRIVER_ID_MESA_LLVMPIPE || properties.deviceType == VK_PHYSICAL_DEVICE_TYPE_CPU;
}

Family family_of(const VkPhysicalDeviceProperties& properties, VkDriverId driver) {
  if (is_processor(properties, driver)) return Family::kLavapipe;
  switch (properties.vendorID) {
    case 0x10de:
      return Family::kNvidia;
    case 0x1002:
      return Family::kAmd;
    case 0x8086:
      return Family::kIntel;
    default:
      return Family::kOther;
  }
}

bool choose_queue(const Instance& instance, VkPhysicalDevice device, Features& features) {
  uint32_t count = 0;
  instance.api.GetPhysicalDeviceQueueFamilyProperties(device, &count, nullptr);
  std::vector<VkQueueFamilyProperties> families(count);
  instance.api.GetPhysicalDeviceQueueFamilyProperties(device, &count, families.data());
  int best = -1;
  for (uint32_t i = 0; i < count; ++i) {
    if (!(families[i].queueFlags & VK_QUEUE_COMPUTE_BIT)) continue;
    bool dedicated = !(families[i].queueFlags & VK_QUEUE_GRAPHICS_BIT);
    if (best < 0 || (dedicated && (families[best].queueFlags & VK_QUEUE_GRAPHICS_BIT))) best = static_cast<int>(i);
  }
  if (best < 0) return false;
  features.queue_family = static_cast<uint32_t>(best);
  features.timestamps = families[best].timestampValidBits >= 36;
  return true;
}

// Tensors live in the largest device-local heap, mapped where the device lets the host see all of it; staging is
// coherent, cached if possible.
bool choose_memory(const Instance& instance, VkPhysicalDevice device, Features& features,
                   DeviceProperties& properties) {
  VkPhysicalDeviceMemoryBudgetPropertiesEXT budget{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT};
  VkPhysicalDeviceMemoryProperties2 memory{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2};
  if (features.memory_budget) memory.pNext = &budget;
  instance.api.GetPhysicalDeviceMemoryProperties2(device, &memory);
  const auto& types = memory.memoryProperties;
  int tensors = -1, host = -1;
  auto score = [&](uint32_t i) {
    VkMemoryPropertyFlags flags = types.memoryTypes[i].propertyFlags;
    double size = static_cast<double>(types.memoryHeaps[types.memoryTypes[i].heapIndex].size);
    bool local = flags & VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT;
    constexpr VkMemoryPropertyFlags kMapped =
        VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
    return (local ? 1e30 : 0) + size * (1 + ((flags & kMapped) == kMapped ? 0.01 : 0) +
                                        (flags & VK_MEMORY_PROPERTY_HOST_CACHED_BIT ? 0.001 : 0));
  };
  for (uint32_t i = 0; i < types.memoryTypeCount; ++i) {
    VkMemoryPropertyFlags flags = types.memoryTypes[i].propertyFlags;
    if (flags & (VK_MEMORY_PROPERTY_LAZILY_ALLOCATED_BIT | VK_MEMORY_PROPERTY_PROTECTED_BIT)) continue;
    if (flags & VK_MEMORY_PROPERTY_DEVICE_COHERENT_BIT_AMD) continue;
    if (tensors < 0 || score(i) > score(tensors)) tensors = static_cast<int>(i);
    bool coherent = (flags & VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT) && (flags & VK_MEMORY_PROPERTY_HOST_COHERENT_BIT);
    bool cached = flags & VK_MEMORY_PROPERTY_HOST_CACHED_BIT;
    if (coherent &&
        (host < 0 || (cached && !(types.memoryTypes[host].propertyFlags & VK_MEMORY_PROPERTY_HOST_CACHED_BIT))))
      host = static_cast<int>(i);
  }
  if (tensors < 0 || host < 0) return false;
  features.memory_type = static_cast<uint32_t>(tensors);
  features.host_memory_type = static_cast<uint32_t>(host);
  VkMemoryPropertyFlags flags = types.memoryTypes[tensors].propertyFlags;
  features.mapped = (flags & VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT) && (flags & VK_MEMORY_PROPERTY_HOST_COHERENT_BIT);
  uint32_t heap = types.memoryTypes[tensors].heapIndex;
  features.heap = types.memoryHeaps[heap].size;
  int64_t available = static_cast<int64_t>(features.heap);
  if (features.memory_budget && budget.heapBudget[heap])
    available = std::min<int64_t>(available, static_cast<int64_t>(budget.heapBudget[heap]));
  properties.memory = available;
  return true;
}

using Extensions = std::set<std::string, std::less<>>;

Extensions extensions_of(const Instance& instance, VkPhysicalDevice device) {
  uint32_t count = 0;
  instance.api.EnumerateDeviceExtensionProperties(device, nullptr, &count, nullptr);
  std::vector<VkExtensionProperties> listed(count);
  instance.api.EnumerateDeviceExtensionProperties(device, nullptr, &count, listed.data());
  Extensions names;
  for (const auto& extension : listed) names.insert(extension.extensionName);
  return names;
}

uint32_t cores_of(const Instance& instance, VkPhysicalDevice device, const Extensions& extensions,
                  const Features& features) {
  VkPhysicalDeviceProperties2 all{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2};
  uint32_t cores = 0;
  if (extensions.contains(VK_NV_SHADER_SM_BUILTINS_EXTENSION_NAME)) {
    VkPhysicalDeviceShaderSMBuiltinsPropertiesNV nv{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_SM_BUILTINS_PROPERTIES_NV};
    all.pNext = &nv;
    instance.api.GetPhysicalDeviceProperties2(device, &all);
    cores = nv.shaderSMCount;
  } else if (extensions.contains(VK_AMD_SHADER_CORE_PROPERTIES_EXTENSION_NAME)) {
    VkPhysicalDeviceShaderCorePropertiesAMD amd{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_CORE_PROPERTIES_AMD};
    all.pNext = &amd;
    instance.api.GetPhysicalDeviceProperties2(device, &all);
    cores = amd.shaderEngineCount * amd.shaderArraysPerEngineCount * amd.computeUnitsPerShaderArray;
  }
  return cores ? cores : features.tuning().cores;
}

// What the kernels for cooperative matrices need beside the extension.
void inspect_cooperative_matrix(const Instance& instance, VkPhysicalDevice device, const Extensions& extensions,
                                bool vulkan_memory_model, Features& features) {
  bool has_control = extensions.contains(VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME);
  bool has_matrices = extensions.contains(VK_KHR_COOPERATIVE_MATRIX_EXTENSION_NAME);
  VkPhysicalDeviceSubgroupSizeControlFeatures control{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_FEATURES};
  VkPhysicalDeviceCooperativeMatrixFeaturesKHR matrices{
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_FEATURES_KHR};
  VkPhysicalDeviceFeatures2 all{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2};
  if (has_control) all.pNext = &control;
  if (has_matrices) matrices.pNext = std::exchange(all.pNext, &matrices);
  instance.api.GetPhysicalDeviceFeatures2(device, &all);
  features.subgroup_size_control = control.subgroupSizeControl && control.computeFullSubgroups;
  if (matrices.cooperativeMatrix && features.f16 && vulkan_memory_model && !masked("cooperative_matrix"))
    features.cooperative = cooperative_shape_of(instance, device);
}

void override_family(Features& features) {
  auto wanted = environment("LINESHAFT_VULKAN_FAMILY");
  for (Family family : kFamilies)
    if (wanted == tuning_of(family).name) features.family = family;
}

template <class Names>
std::string joined(const Names& names) {
  std::string text;
  for (std::string_view name : names) text.append(text.empty() ? "" : ", ").append(name);
  return text;
}

constexpr Lowered kRange{"LINESHAFT_VULKAN_RANGE", 1024};

void list_features(const Features& f, DeviceProperties& properties) {
  auto& list = properties.features;
  for (auto [has, name] : {std::pair{f.f64, "f64"},
                           {f.i64, "i64"},
                           {f.f16, "f16"},
                           {f.storage16, "storage16"},
                           {f.storage8, "storage8"},
                           {f.bda, "bda"},
                           {f.keeps_denormals[0] && (!f.f64 || f.keeps_denormals[1]), "denormals"},
                           {f.subgroup_arithmetic, "subgroups"},
                           {static_cast<bool>(f.cooperative), "cooperative_matrix"},
                           {f.mapped, "mapped"}})
    if (has) list.push_back(name);
}

}  // namespace

std::string wrong_variable() {
  for (const std::string& name : masks())
    if (std::ranges::find(kMaskable, name) == kMaskable.end())
      return concat("LINESHAFT_VULKAN_MASK hides \"", name, "\", which is no feature; it takes ", joined(kMaskable),
                    ", with commas between them");
  auto wanted = environment("LINESHAFT_VULKAN_FAMILY");
  std::array<std::string_view, kFamilies.size()> families;
  std::ranges::transform(kFamilies, families.begin(), [](Family family) { return tuning_of(family).name; });
  if (wanted && std::ranges::find(families, *wanted) == families.end())
    return concat("LINESHAFT_VULKAN_FAMILY is \"", *wanted, "\"; it must be one of ", joined(families));
  for (const Lowered& what : {kRange, kElements})
    if (lowered(what, what.least) < 0)
      return concat(what.variable, " is \"", environment(what.variable).value_or(""), "\"; it must be a number from ",
                    what.least, " on");
  return {};
}

std::string inspect(const Instance& instance, VkPhysicalDevice device, Features& out, DeviceProperties& properties) {
  VkPhysicalDeviceSubgroupProperties subgroup{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_PROPERTIES};
  VkPhysicalDeviceFloatControlsProperties floats{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FLOAT_CONTROLS_PROPERTIES,
                                                 &subgroup};
  VkPhysicalDeviceDriverProperties driver{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES, &floats};
  VkPhysicalDeviceIDProperties id{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ID_PROPERTIES, &driver};
  VkPhysicalDeviceProperties2 all{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, &id};
  VkPhysicalDeviceProperties basic;
  instance.api.GetPhysicalDeviceProperties(device, &basic);
  properties.name = basic.deviceName;
  if (basic.apiVersion < VK_API_VERSION_1_2)
    return concat("its driver offers Vulkan ", VK_API_VERSION_MAJOR(basic.apiVersion), ".",
                  VK_API_VERSION_MINOR(basic.apiVersion), "; 1.2 is the oldest that serves");
  instance.api.GetPhysicalDeviceProperties2(device, &all);

  VkPhysicalDeviceVulkan12Features f12{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES};
  VkPhysicalDeviceVulkan11Features f11{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES, &f12};
  VkPhysicalDeviceFeatures2 f{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, &f11};
  instance.api.GetPhysicalDeviceFeatures2(device, &f);
  if (!f12.timelineSemaphore) return "its driver has no timeline semaphores";

  Extensions extensions = extensions_of(instance, device);
  out.memory_budget = extensions.contains(VK_EXT_MEMORY_BUDGET_EXTENSION_NAME);
  constexpr Turns kLlvmpipeTurns{65535};  // LP_MAX_TGSI_LOOP_ITERATIONS of Mesa
  if (is_processor(all.properties, driver.driverID)) out.turns = kLlvmpipeTurns;
  out.family = family_of(all.properties, driver.driverID);
  override_family(out);
  out.cores = cores_of(instance, device, extensions, out);
  out.f64 = f.features.shaderFloat64 && !masked("f64");
  out.i64 = f.features.shaderInt64 && !masked("i64");
  out.f16 = f12.shaderFloat16 && !masked("f16");
  out.bda = f12.bufferDeviceAddress && !masked("bda");
  out.storage16 = f11.storageBuffer16BitAccess && !masked("f16");
  out.storage8 = f12.storageBuffer8BitAccess && !masked("f16");
  inspect_cooperative_matrix(instance, device, extensions, f12.vulkanMemoryModel && f12.vulkanMemoryModelDeviceScope,
                             out);
  bool compute = subgroup.supportedStages & VK_SHADER_STAGE_COMPUTE_BIT;
  out.subgroup_size = subgroup.subgroupSize;
  out.subgroup_arithmetic = compute && (subgroup.supportedOperations & VK_SUBGROUP_FEATURE_ARITHMETIC_BIT);
  out.subgroup_shuffle = compute && (subgroup.supportedOperations & VK_SUBGROUP_FEATURE_SHUFFLE_BIT);
  out.keeps_special = {floats.shaderSignedZeroInfNanPreserveFloat32 == VK_TRUE,
                       floats.shaderSignedZeroInfNanPreserveFloat64 == VK_TRUE};
  // A mode declared for one width alone needs the device's leave.
  bool rounding32 = floats.roundingModeIndependence != VK_SHADER_FLOAT_CONTROLS_INDEPENDENCE_NONE;
  bool rounding64 = floats.roundingModeIndependence == VK_SHADER_FLOAT_CONTROLS_INDEPENDENCE_ALL;
  bool denormal32 = floats.denormBehaviorIndependence != VK_SHADER_FLOAT_CONTROLS_INDEPENDENCE_NONE;
  bool denormal64 = floats.denormBehaviorIndependence == VK_SHADER_FLOAT_CONTROLS_INDEPENDENCE_ALL;
  out.rounds_even = {floats.shaderRoundingModeRTEFloat32 && rounding32,
                     floats.shaderRoundingModeRTEFloat64 && rounding64};
  out.keeps_denormals = {floats.shaderDenormPreserveFloat32 && denormal32,
                         floats.shaderDenormPreserveFloat64 && denormal64};
  out.limits = all.properties.limits;
  out.limits.maxStorageBufferRange = static_cast<uint32_t>(lowered(kRange, out.limits.maxStorageBufferRange));
  out.timestamp_period = all.properties.limits.timestampPeriod;
  if (!choose_queue(instance, device, out)) return "it has no compute queue";
  if (!choose_memory(instance, device, out, properties)) return "it has no memory type that serves";

  properties.backend = "vulkan";
  properties.driver = concat(driver.driverName, " ", driver.driverInfo);
  properties.device_class = class_of(all.properties.deviceType);
  std::copy_n(id.deviceUUID, properties.uuid.size(), properties.uuid.begin());
  // One descriptor is for an operation's parameters; 16 views are what fusion gains from.
  properties.fusion.max_views =
      std::clamp<int>(static_cast<int>(out.limits.maxPerStageDescriptorStorageBuffers) - 1, 4, 16);
  properties.fusion.max_instructions = 128;
  properties.fusion.f64 = out.f64;
  list_features(out, properties);
  Hash128 key = hash_bytes(id.driverUUID, sizeof id.driverUUID, all.properties.driverVersion);
  Hash128 key2 = hash_bytes(id.deviceUUID, sizeof id.deviceUUID, all.properties.deviceID);
  out.cache_key = to_hex({key.low ^ key2.high, key.high ^ key2.low});
  return {};
}

}  // namespace lineshaft::vulkan

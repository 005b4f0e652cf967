#include "media/g729_module.h"

#include <dlfcn.h>
#include <fmt/format.h>

namespace sidetone::media {
namespace {

constexpr const char* file_name = "sidetone-g729.so";

tl::unexpected<Error> missing(std::string why) {
  return fail(Layer::media, Fault::unsupported, fmt::format("G.729 is not available: {}", why),
              "install the module sidetone-g729, or take G729 out of codecs.enabled.audio");
}

// dlerror() is null only when nothing went wrong, which cannot be here.
std::string last_error() {
  const char* text = ::dlerror();
  return text == nullptr ? "unknown" : text;
}

}  // namespace

Expected<std::shared_ptr<const G729Module>> G729Module::load() {
  void* handle = ::dlopen(file_name, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return missing(last_error());
  const auto entry = reinterpret_cast<sidetone_g729_entry>(::dlsym(handle, SIDETONE_G729_ENTRY));
  const auto* functions = entry == nullptr ? nullptr : entry();
  if (functions == nullptr || functions->abi != SIDETONE_G729_ABI) {
    ::dlclose(handle);
    return missing(fmt::format("{} is of another version", file_name));
  }
  return std::shared_ptr<const G729Module>(new G729Module(handle, *functions));
}

G729Module::~G729Module() { ::dlclose(handle_); }

}  // namespace sidetone::media

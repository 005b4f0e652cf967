// The connection to the sound system, and its devices.
#pragma once

#include <cubeb/cubeb.h>

#include <memory>
#include <string>

#include "base/expected.h"

namespace sidetone::media {

using CubebContext = std::unique_ptr<cubeb, void (*)(cubeb*)>;
[[nodiscard]] Expected<CubebContext> open_cubeb();

class CubebCollection {
 public:
  CubebCollection(cubeb* context, cubeb_device_type type);
  ~CubebCollection();
  CubebCollection(const CubebCollection&) = delete;
  CubebCollection& operator=(const CubebCollection&) = delete;
  [[nodiscard]] bool known() const { return known_; }  // some back ends cannot list
  [[nodiscard]] const cubeb_device_info* begin() const { return devices_.device; }
  [[nodiscard]] const cubeb_device_info* end() const { return devices_.device + devices_.count; }
  [[nodiscard]] const cubeb_device_info* find(const std::string& id) const;
  [[nodiscard]] const cubeb_device_info* preferred() const;  // null: none is

 private:
  cubeb* context_;
  cubeb_device_collection devices_{};
  bool known_;
};

}  // namespace sidetone::media

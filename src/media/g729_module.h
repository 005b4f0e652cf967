// The loadable G.729 module: found, checked and kept loaded as long as somebody codes with it.
#pragma once

#include <memory>

#include "base/expected.h"
#include "media/g729_abi.h"

namespace sidetone::media {

class G729Module {
 public:
  // From where this program or library looks for its own modules (its run path), then where the system looks.
  // The fault says why G.729 is not there.
  static Expected<std::shared_ptr<const G729Module>> load();
  ~G729Module();
  G729Module(const G729Module&) = delete;
  G729Module& operator=(const G729Module&) = delete;

  [[nodiscard]] const sidetone_g729& functions() const { return functions_; }

 private:
  G729Module(void* handle, const sidetone_g729& functions) : handle_(handle), functions_(functions) {}
  void* handle_;
  const sidetone_g729& functions_;
};

}  // namespace sidetone::media

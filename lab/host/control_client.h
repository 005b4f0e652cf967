// The other end of ControlService, for a command line: blocking, one thread.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/address.h"
#include "base/expected.h"
#include "tlib/request.h"

namespace sidetone::lab {

class ControlClient {
 public:
  [[nodiscard]] static Expected<ControlClient> connect(const Address& service);
  ControlClient(ControlClient&&) noexcept;
  ~ControlClient();

  Expected<void> send(const tlib::Request& request);
  // The next event; nothing when none came within `patience`, an error when the lab is gone.
  Expected<std::optional<boost::json::object>> next(std::chrono::milliseconds patience);

 private:
  struct Impl;
  explicit ControlClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sidetone::lab

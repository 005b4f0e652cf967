// What a command made, as fields of its `done`.
#pragma once

#include <boost/json/object.hpp>
#include <string_view>

#include "base/expected.h"
#include "base/strong_id.h"

namespace sidetone::interop {

using CommandResult = Expected<boost::json::object>;

[[nodiscard]] inline CommandResult done(const Expected<void>& result) {
  if (!result) return tl::make_unexpected(result.error());
  return boost::json::object{};
}

template <typename Tag>
[[nodiscard]] CommandResult made(std::string_view name, const Expected<StrongId<Tag>>& result) {
  if (!result) return tl::make_unexpected(result.error());
  return boost::json::object{{name, result->value}};
}

}  // namespace sidetone::interop

// The stack's events as scripts read them: the names of the headers, the message with its header fields.
#pragma once

#include <boost/json/object.hpp>

#include "sip/stack.h"

namespace sidetone::interop {

[[nodiscard]] boost::json::object to_json(const sip::Event& event);

}  // namespace sidetone::interop

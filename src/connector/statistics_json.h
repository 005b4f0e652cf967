// A call's figures as JSON. Groups that are not there are left out.
#pragma once

#include <boost/json/object.hpp>

#include "sidetone/statistics.h"

namespace sidetone::connector {

[[nodiscard]] boost::json::object quality_json(const CallQuality& quality);

}  // namespace sidetone::connector

// Enums as they are called in JSON: the names of the headers.
#pragma once

#include <string_view>

#include "sidetone/events.h"

namespace sidetone::connector {

[[nodiscard]] std::string_view name_of(LineState state);
[[nodiscard]] std::string_view name_of(CallState state);
[[nodiscard]] std::string_view name_of(CallDirection direction);
[[nodiscard]] std::string_view name_of(EndReason reason);
[[nodiscard]] std::string_view name_of(DtmfMethod method);
[[nodiscard]] std::string_view name_of(OptionApplies applies);
[[nodiscard]] std::string_view name_of(TransferState state);
[[nodiscard]] std::string_view name_of(Tone tone);
[[nodiscard]] std::string_view name_of(QualityReport::Kind kind);

}  // namespace sidetone::connector

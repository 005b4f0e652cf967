// Secrets and digits in JSON, as agent desktops send it: {"proxies.proxy0.password": "..."}, {"Key":
// "telemetry_token", "Value": "..."}, {"command": "dtmf", "digits": "4711"}.
#pragma once

#include <string>

namespace sidetone::engine {

// Values of keys that speak of passwords, secrets, tokens or credentials become ***; with `hide_digits` each
// character of the values of "digits" and "digit" becomes x. Works on whatever is there, JSON or not.
void redact_json(std::string& text, bool hide_digits);

}  // namespace sidetone::engine

// Who can be called in the lab.
#pragma once

#include <string_view>

namespace sidetone::lab {

struct Number {
  std::string_view dn;
  std::string_view what;
};

inline constexpr std::string_view media_prefix = "71";
inline constexpr std::string_view echo_dn = "7101";
inline constexpr std::string_view music_dn = "7102";
inline constexpr std::string_view announcement_dn = "7103";
inline constexpr std::string_view recorder_dn = "7104";
inline constexpr std::string_view ringback_dn = "7105";
inline constexpr std::string_view customer_dn = "7110";
inline constexpr std::string_view callback_dn = "7111";

inline constexpr Number numbers[] = {
    {echo_dn, "echo: you hear yourself, half a second later"},
    {music_dn, "music"},
    {announcement_dn, "an announcement"},
    {recorder_dn, "a recorder: what you say becomes a WAV file in the lab's folder"},
    {ringback_dn, "the ring-back tone"},
    {customer_dn, "a talking customer"},
    {callback_dn, "a customer who calls you back at once"},
};

}  // namespace sidetone::lab

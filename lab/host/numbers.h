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
inline constexpr std::string_view busy_dn = "7106";
inline constexpr std::string_view collect_dn = "7107";
inline constexpr std::string_view customer_dn = "7110";
inline constexpr std::string_view callback_dn = "7111";
inline constexpr std::string_view conference_prefix = "7190";  // and a number: who calls the same one meet

inline constexpr Number numbers[] = {
    {echo_dn, "echo: you hear yourself, half a second later"},
    {music_dn, "music"},
    {announcement_dn, "an announcement"},
    {recorder_dn, "a recorder: what you say becomes a WAV file in the lab's folder"},
    {ringback_dn, "the ring-back tone"},
    {busy_dn, "the busy tone"},
    {collect_dn, "takes digits up to # and plays them back"},
    {customer_dn, "a talking customer"},
    {callback_dn, "a customer who calls you back at once"},
    {"71901", "a conference, as is any number after 7190"},
};

}  // namespace sidetone::lab

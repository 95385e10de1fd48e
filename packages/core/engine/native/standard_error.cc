// A Node module without TensorFlow that holds back what is written to standard error:
//
//   hold(); from now on it goes to memory
//   release() -> text; ends that, and returns what was written
//
// Where the process ends in between, by a signal or by exit(), the text is written to standard error after all.

#include <node_api.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <string>

namespace {

/** The signals by which a library ends its process. */
constexpr std::array<int, 6> kFatal = {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP};

int held = -1;            // the memory
int standard_error = -1;  // a copy of the descriptor
std::array<struct sigaction, kFatal.size()> actions;

/** Calls `visit(bytes, count)` for all that is held. Takes only what a signal handler may. */
template <typename Visit>
void Read(Visit visit) {
  char bytes[4096];
  off_t at = 0;
  for (ssize_t count; (count = pread(held, bytes, sizeof bytes, at)) > 0; at += count) visit(bytes, count);
}

void Restore() {
  dup2(standard_error, STDERR_FILENO);
  for (size_t i = 0; i < kFatal.size(); i++) sigaction(kFatal[i], &actions[i], nullptr);
}

void Forget() {
  close(held);
  close(standard_error);
  held = standard_error = -1;
}

void Tell() {
  if (held < 0) return;
  Restore();
  Read([](const char* bytes, size_t count) {
    if (write(STDERR_FILENO, bytes, count) < 0) return;
  });
  Forget();
}

/** The signal is delivered once more, to what handled it before. */
void OnSignal(int signal) {
  Tell();
  raise(signal);
}

napi_value Hold(napi_env, napi_callback_info) {
  if (held >= 0) return nullptr;
  held = memfd_create("standard error", MFD_CLOEXEC);
  standard_error = dup(STDERR_FILENO);
  if (held < 0 || standard_error < 0) {  // then nothing is held
    Forget();
    return nullptr;
  }
  static const int registered = std::atexit(Tell);
  static_cast<void>(registered);
  struct sigaction action{};
  action.sa_handler = OnSignal;
  for (size_t i = 0; i < kFatal.size(); i++) sigaction(kFatal[i], &action, &actions[i]);
  dup2(held, STDERR_FILENO);
  return nullptr;
}

napi_value Release(napi_env env, napi_callback_info) {
  std::string text;
  if (held >= 0) {
    Restore();
    Read([&](const char* bytes, size_t count) { text.append(bytes, count); });
    Forget();
  }
  napi_value result;
  napi_create_string_utf8(env, text.data(), text.size(), &result);
  return result;
}

}  // namespace

NAPI_MODULE_INIT() {
  napi_value function;
  napi_create_function(env, "hold", NAPI_AUTO_LENGTH, Hold, nullptr, &function);
  napi_set_named_property(env, exports, "hold", function);
  napi_create_function(env, "release", NAPI_AUTO_LENGTH, Release, nullptr, &function);
  napi_set_named_property(env, exports, "release", function);
  return exports;
}

// A Node module that builds TensorFlow functions, operation by operation, in the context of tfjs-node. Nothing is executed.
//
//   newGraph() -> graph
//   addOperation(graph, type, name, [{name, type, value}], [tensor | [tensor]]) -> [{id, dtype, shape | null}]
//   addConstant(graph, name, dtype, shape, bytes) -> {id, dtype, shape}
//   definition(graph, type) -> bytes of the OpDef
//   register(graph, [input], [output], [attribute that is set to true]) -> name; the graph is freed
//   release(graph); frees one that is no function
//   unregister(name)
//   counts() -> {graphs, functions} that are not freed
//   addCall(graph, function, name, [tensor], [shape of each result], [attribute that is set to true]) -> [{id, dtype, shape}]
//
// A tensor is a number, from 0, of its graph. Attributes are those of tfjs-node's `executeOp`.

#include <node_api.h>

#include <cstring>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "log.h"
#include "tensorflow/c/c_api.h"
#include "tensorflow/c/eager/c_api.h"

extern "C" TFE_Context* DualpriorContext();

namespace {

struct Graph {
  static inline int64_t count = 0;
  TF_Graph* graph = TF_NewGraph();
  std::vector<TF_Output> tensors;
  Graph() { count++; }
  ~Graph() { Release(); }
  /** It may be megabytes, of which the garbage collector knows nothing. */
  void Release() {
    if (graph == nullptr) return;
    TF_DeleteGraph(graph);
    graph = nullptr;
    count--;
  }
};

struct Status {
  TF_Status* status = TF_NewStatus();
  ~Status() { TF_DeleteStatus(status); }
  operator TF_Status*() const { return status; }
  void Check() const {
    if (TF_GetCode(status) != TF_OK) throw std::runtime_error(TF_Message(status));
  }
};

void Check(napi_status status) {
  if (status != napi_ok) throw std::runtime_error("an argument is not what the graph builder takes");
}

/** Reads arguments and makes results. */
struct Js {
  napi_env env;

  std::vector<napi_value> Arguments(napi_callback_info info, size_t count) const {
    std::vector<napi_value> values(count);
    Check(napi_get_cb_info(env, info, &count, values.data(), nullptr, nullptr));
    return values;
  }
  Graph* GraphOf(napi_value value) const {
    void* graph;
    Check(napi_get_value_external(env, value, &graph));
    if (static_cast<Graph*>(graph)->graph == nullptr) throw std::runtime_error("the graph became a function before");
    return static_cast<Graph*>(graph);
  }
  std::string String(napi_value value) const {
    size_t length = 0;
    Check(napi_get_value_string_utf8(env, value, nullptr, 0, &length));
    std::string text(length, '\0');
    Check(napi_get_value_string_utf8(env, value, &text[0], length + 1, &length));
    return text;
  }
  int64_t Integer(napi_value value) const {
    int64_t number;
    Check(napi_get_value_int64(env, value, &number));
    return number;
  }
  float Float(napi_value value) const {
    double number;
    Check(napi_get_value_double(env, value, &number));
    return static_cast<float>(number);
  }
  unsigned char Bool(napi_value value) const {
    bool truth;
    Check(napi_get_value_bool(env, value, &truth));
    return truth;
  }
  bool IsArray(napi_value value) const {
    bool array;
    Check(napi_is_array(env, value, &array));
    return array;
  }
  std::vector<napi_value> Elements(napi_value array) const {
    uint32_t length;
    Check(napi_get_array_length(env, array, &length));
    std::vector<napi_value> elements(length);
    for (uint32_t i = 0; i < length; i++) Check(napi_get_element(env, array, i, &elements[i]));
    return elements;
  }
  std::vector<int64_t> Integers(napi_value array) const {
    std::vector<int64_t> integers;
    for (napi_value value : Elements(array)) integers.push_back(Integer(value));
    return integers;
  }
  napi_value Property(napi_value object, const char* name) const {
    napi_value value;
    Check(napi_get_named_property(env, object, name, &value));
    return value;
  }
  napi_value Number(int64_t number) const {
    napi_value value;
    Check(napi_create_int64(env, number, &value));
    return value;
  }
};

/** An operation under construction. TensorFlow frees its description only by making it an operation. */
class Description {
 public:
  Description(const Graph* graph, const std::string& type, const std::string& name)
      : description_(TF_NewOperation(graph->graph, type.c_str(), name.c_str())) {}
  Description(const Description&) = delete;
  ~Description() {
    if (description_ != nullptr) TF_FinishOperation(description_, Status());
  }
  operator TF_OperationDescription*() const { return description_; }
  TF_Operation* Finish() {
    Status status;
    TF_Operation* operation = TF_FinishOperation(description_, status);
    description_ = nullptr;
    status.Check();
    return operation;
  }

 private:
  TF_OperationDescription* description_;
};

/** The types of attributes that tfjs-node knows, as it numbers them. */
void SetAttribute(const Js& js, TF_OperationDescription* description, napi_value attribute) {
  const std::string name = js.String(js.Property(attribute, "name"));
  const napi_value value = js.Property(attribute, "value");
  const bool list = js.IsArray(value);
  switch (js.Integer(js.Property(attribute, "type"))) {
    case TF_ATTR_STRING: {
      const std::string text = js.String(value);
      TF_SetAttrString(description, name.c_str(), text.data(), text.size());
      return;
    }
    case TF_ATTR_INT:
      if (list) {
        const auto values = js.Integers(value);
        TF_SetAttrIntList(description, name.c_str(), values.data(), values.size());
      } else {
        TF_SetAttrInt(description, name.c_str(), js.Integer(value));
      }
      return;
    case TF_ATTR_FLOAT:
      if (list) {
        std::vector<float> values;
        for (napi_value element : js.Elements(value)) values.push_back(js.Float(element));
        TF_SetAttrFloatList(description, name.c_str(), values.data(), values.size());
      } else {
        TF_SetAttrFloat(description, name.c_str(), js.Float(value));
      }
      return;
    case TF_ATTR_BOOL:
      if (list) {
        std::vector<unsigned char> values;
        for (napi_value element : js.Elements(value)) values.push_back(js.Bool(element));
        TF_SetAttrBoolList(description, name.c_str(), values.data(), values.size());
      } else {
        TF_SetAttrBool(description, name.c_str(), js.Bool(value));
      }
      return;
    case TF_ATTR_TYPE:
      TF_SetAttrType(description, name.c_str(), static_cast<TF_DataType>(js.Integer(value)));
      return;
    case TF_ATTR_SHAPE: {
      const auto shape = js.Integers(value);
      TF_SetAttrShape(description, name.c_str(), shape.data(), shape.size());
      return;
    }
    default:
      throw std::runtime_error("the attribute " + name + " is of a type that is not known");
  }
}

napi_value Describe(const Js& js, Graph* graph, TF_Output output) {
  Status status;
  napi_value info, shape;
  Check(napi_create_object(js.env, &info));
  const int rank = TF_GraphGetTensorNumDims(graph->graph, output, status);
  status.Check();
  if (rank < 0) {
    Check(napi_get_null(js.env, &shape));
  } else {
    std::vector<int64_t> sizes(rank);
    TF_GraphGetTensorShape(graph->graph, output, sizes.data(), rank, status);
    status.Check();
    Check(napi_create_array_with_length(js.env, rank, &shape));
    for (int i = 0; i < rank; i++) Check(napi_set_element(js.env, shape, i, js.Number(sizes[i])));
  }
  Check(napi_set_named_property(js.env, info, "id", js.Number(graph->tensors.size())));
  Check(napi_set_named_property(js.env, info, "dtype", js.Number(TF_OperationOutputType(output))));
  Check(napi_set_named_property(js.env, info, "shape", shape));
  graph->tensors.push_back(output);
  return info;
}

TF_Output Tensor(const Js& js, const Graph* graph, napi_value id) { return graph->tensors.at(js.Integer(id)); }

std::vector<TF_Output> Tensors(const Js& js, const Graph* graph, napi_value ids) {
  std::vector<TF_Output> tensors;
  for (napi_value id : js.Elements(ids)) tensors.push_back(Tensor(js, graph, id));
  return tensors;
}

napi_value NewGraph(const Js& js, napi_callback_info) {
  napi_value external;
  const auto release = [](napi_env, void* graph, void*) { delete static_cast<Graph*>(graph); };
  Check(napi_create_external(js.env, new Graph, release, nullptr, &external));
  return external;
}

napi_value AddOperation(const Js& js, napi_callback_info info) {
  const auto arguments = js.Arguments(info, 5);
  Graph* graph = js.GraphOf(arguments[0]);
  Description description(graph, js.String(arguments[1]), js.String(arguments[2]));
  for (napi_value input : js.Elements(arguments[4])) {
    if (js.IsArray(input)) {
      const auto list = Tensors(js, graph, input);
      TF_AddInputList(description, list.data(), list.size());
    } else {
      TF_AddInput(description, Tensor(js, graph, input));
    }
  }
  for (napi_value attribute : js.Elements(arguments[3])) SetAttribute(js, description, attribute);
  TF_Operation* operation = description.Finish();
  napi_value outputs;
  Check(napi_create_array(js.env, &outputs));
  for (int i = 0; i < TF_OperationNumOutputs(operation); i++) {
    Check(napi_set_element(js.env, outputs, i, Describe(js, graph, TF_Output{operation, i})));
  }
  return outputs;
}

napi_value AddConstant(const Js& js, napi_callback_info info) {
  const auto arguments = js.Arguments(info, 5);
  Graph* graph = js.GraphOf(arguments[0]);
  const auto dtype = static_cast<TF_DataType>(js.Integer(arguments[2]));
  const auto shape = js.Integers(arguments[3]);
  void* bytes;
  size_t length;
  Check(napi_get_buffer_info(js.env, arguments[4], &bytes, &length));
  size_t wanted = TF_DataTypeSize(dtype);
  for (int64_t size : shape) wanted *= size;
  if (wanted != length) throw std::runtime_error("a constant has not as many numbers as its shape says");
  Description description(graph, "Const", js.String(arguments[1]));
  TF_Tensor* tensor = TF_AllocateTensor(dtype, shape.data(), shape.size(), length);
  if (length > 0) std::memcpy(TF_TensorData(tensor), bytes, length);
  Status status;
  TF_SetAttrTensor(description, "value", tensor, status);
  TF_DeleteTensor(tensor);
  status.Check();
  TF_SetAttrType(description, "dtype", dtype);
  return Describe(js, graph, TF_Output{description.Finish(), 0});
}

napi_value Definition(const Js& js, napi_callback_info info) {
  const auto arguments = js.Arguments(info, 2);
  Status status;
  TF_Buffer* buffer = TF_NewBuffer();
  TF_GraphGetOpDef(js.GraphOf(arguments[0])->graph, js.String(arguments[1]).c_str(), buffer, status);
  napi_value bytes = nullptr;
  if (TF_GetCode(status) == TF_OK) napi_create_buffer_copy(js.env, buffer->length, buffer->data, nullptr, &bytes);
  TF_DeleteBuffer(buffer);
  status.Check();
  return bytes;
}

TFE_Context* Context() {
  TFE_Context* context = DualpriorContext();
  if (context == nullptr) throw std::runtime_error("tfjs-node has not made its context");
  return context;
}

struct FunctionDeleter {
  void operator()(TF_Function* function) const { TF_DeleteFunction(function); }
};
using Function = std::unique_ptr<TF_Function, FunctionDeleter>;

/** The functions that are registered: a graph that calls one needs a copy of it. */
std::map<std::string, Function>& Functions() {
  static std::map<std::string, Function> functions;
  return functions;
}

void SetTrue(const Function& function, const std::string& attribute) {
  const char value[] = {0x28, 1};  // an AttrValue with b = true
  Status status;
  TF_FunctionSetAttrValueProto(function.get(), attribute.c_str(), value, sizeof value, status);
  status.Check();
}

napi_value Register(const Js& js, napi_callback_info info) {
  static int count = 0;
  const auto arguments = js.Arguments(info, 4);
  Graph* graph = js.GraphOf(arguments[0]);
  const auto inputs = Tensors(js, graph, arguments[1]);
  const auto outputs = Tensors(js, graph, arguments[2]);
  const std::string name = "dualprior_step_" + std::to_string(count++);
  Status status;
  Function function(TF_GraphToFunction(graph->graph, name.c_str(), 0, -1, nullptr, inputs.size(), inputs.data(),
                                       outputs.size(), outputs.data(), nullptr, nullptr, "", status));
  status.Check();
  for (napi_value attribute : js.Elements(arguments[3])) SetTrue(function, js.String(attribute));
  TFE_ContextAddFunction(Context(), function.get(), status);
  status.Check();
  Functions()[name] = std::move(function);
  graph->Release();
  napi_value result;
  Check(napi_create_string_utf8(js.env, name.data(), name.size(), &result));
  return result;
}

napi_value Release(const Js& js, napi_callback_info info) {
  js.GraphOf(js.Arguments(info, 1)[0])->Release();
  return nullptr;
}

napi_value Counts(const Js& js, napi_callback_info) {
  napi_value counts;
  Check(napi_create_object(js.env, &counts));
  Check(napi_set_named_property(js.env, counts, "graphs", js.Number(Graph::count)));
  Check(napi_set_named_property(js.env, counts, "functions", js.Number(Functions().size())));
  return counts;
}

napi_value Unregister(const Js& js, napi_callback_info info) {
  const std::string name = js.String(js.Arguments(info, 1)[0]);
  Status status;
  TFE_ContextRemoveFunction(Context(), name.c_str(), status);
  status.Check();
  Functions().erase(name);
  return nullptr;
}

/** TensorFlow does not infer the shapes of what a function returns, so they are told. */
napi_value AddCall(const Js& js, napi_callback_info info) {
  const auto arguments = js.Arguments(info, 6);
  Graph* graph = js.GraphOf(arguments[0]);
  const std::string function = js.String(arguments[1]);
  Status status;
  TF_GraphCopyFunction(graph->graph, Functions().at(function).get(), nullptr, status);
  status.Check();
  Description description(graph, function, js.String(arguments[2]));
  for (napi_value input : js.Elements(arguments[3])) TF_AddInput(description, Tensor(js, graph, input));
  for (napi_value attribute : js.Elements(arguments[5])) TF_SetAttrBool(description, js.String(attribute).c_str(), 1);
  TF_Operation* operation = description.Finish();
  const auto shapes = js.Elements(arguments[4]);
  napi_value outputs;
  Check(napi_create_array(js.env, &outputs));
  for (int i = 0; i < TF_OperationNumOutputs(operation); i++) {
    const auto shape = js.Integers(shapes.at(i));
    const TF_Output output{operation, i};
    TF_GraphSetTensorShape(graph->graph, output, shape.data(), shape.size(), status);
    status.Check();
    Check(napi_set_element(js.env, outputs, i, Describe(js, graph, output)));
  }
  return outputs;
}

/** A function for JavaScript: what it throws becomes an Error. */
template <napi_value (*function)(const Js&, napi_callback_info)>
napi_value Call(napi_env env, napi_callback_info info) {
  try {
    return function(Js{env}, info);
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
    return nullptr;
  }
}

void Export(napi_env env, napi_value exports, const char* name, napi_callback callback) {
  napi_value function;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function);
  napi_set_named_property(env, exports, name, function);
}

}  // namespace

NAPI_MODULE_INIT() {
  FilterMessages();
  Export(env, exports, "newGraph", Call<NewGraph>);
  Export(env, exports, "addOperation", Call<AddOperation>);
  Export(env, exports, "addConstant", Call<AddConstant>);
  Export(env, exports, "definition", Call<Definition>);
  Export(env, exports, "register", Call<Register>);
  Export(env, exports, "release", Call<Release>);
  Export(env, exports, "unregister", Call<Unregister>);
  Export(env, exports, "counts", Call<Counts>);
  Export(env, exports, "addCall", Call<AddCall>);
  return exports;
}

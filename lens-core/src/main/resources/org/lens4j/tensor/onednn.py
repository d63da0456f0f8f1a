  # More methods of kernels.py, for builds of libtorch that have oneDNN: a linear map and its activation as one operator, which
  # never writes what stands between. It has no gradient. Measured: GELU by tanh costs a fifth of the map before it when it is
  # an operator of its own.

  # W [a c] in bfloat16 as oneDNN likes it, for nothing but the methods below; [0] where W is float32, which is read as it lies
  def packed(self: __torch__.Kernels, owner: Tensor, W: Tensor) -> Tensor:
    if ops.prim.dtype(W) == 15:
      y = ops.mkldnn._reorder_linear_weight(torch.t(W), None)
    else:
      y = torch.zeros([0])
    return y

  def linear_activated(self: __torch__.Kernels, x: Tensor, W: Tensor, b: Tensor, packed: Tensor, algorithm: str) -> Tensor:
    t = ops.prim.dtype(W)
    if torch.size(packed, 0) == 0:
      y = ops.mkldnn._linear_pointwise(torch.to(x, t), torch.t(W), torch.to(b, t), "gelu", [], algorithm)
    else:
      y = ops.mkldnn._linear_pointwise(torch.to(x, t), packed, torch.to(b, t), "gelu", [], algorithm)
    return y

  # Where autograd watches; and a float32 product of few rows is quicker with the operators of its own.
  def is_apart(self: __torch__.Kernels, x: Tensor, W: Tensor, b: Tensor) -> bool:
    watched = ops.prim.requires_grad(x) or ops.prim.requires_grad(W) or ops.prim.requires_grad(b)
    few = ops.prim.dtype(W) == 6 and torch.numel(x) < 64 * torch.size(W, 0)
    return watched or few

  # x [.. a], W [a c], b [c], packed of W -> [.. c], in the type of W
  def linear_gelu(self: __torch__.Kernels, x: Tensor, W: Tensor, b: Tensor, packed: Tensor) -> Tensor:
    if self.is_apart(x, W, b):
      y = self.gelu(self.linear_within(x, W, b))
    else:
      y = self.linear_activated(x, W, b, packed, "none")
    return y

  def linear_gelu_tanh(self: __torch__.Kernels, x: Tensor, W: Tensor, b: Tensor, packed: Tensor) -> Tensor:
    if self.is_apart(x, W, b):
      y = self.gelu_tanh(self.linear_within(x, W, b))
    else:
      y = self.linear_activated(x, W, b, packed, "tanh")
    return y

  # A layer norm and a whole MLP, for where nobody looks inside: x [.. m], w, b and eps of the norm, W_in [m f], b_in [f], packed
  # of W_in, W_out [f m], b_out [m] -> [.. m]
  def norm_and_mlp_gelu(self: __torch__.Kernels, x: Tensor, w: Tensor, b: Tensor, eps: Tensor, W_in: Tensor, b_in: Tensor, packed: Tensor, W_out: Tensor, b_out: Tensor) -> Tensor:
    return self.linear(self.linear_gelu(self.layer_norm_whole(x, w, b, eps), W_in, b_in, packed), W_out, b_out)

  def norm_and_mlp_gelu_tanh(self: __torch__.Kernels, x: Tensor, w: Tensor, b: Tensor, eps: Tensor, W_in: Tensor, b_in: Tensor, packed: Tensor, W_out: Tensor, b_out: Tensor) -> Tensor:
    return self.linear(self.linear_gelu_tanh(self.layer_norm_whole(x, w, b, eps), W_in, b_in, packed), W_out, b_out)

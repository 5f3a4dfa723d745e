"""PyTorch Geometric: convolutions on graphs, from a random graph."""

import torch
from harness import Case, training
from torch.nn import functional as F
from torch_geometric.nn import GATConv, GCNConv, GINConv, RGCNConv, SAGEConv, TransformerConv, global_mean_pool

NODES, EDGES, FEATURES, WIDTH, KINDS = 40, 160, 8, 16, 3


class Graph(torch.nn.Module):
    """Two convolutions, the mean of each of four graphs, and a class for each."""

    def __init__(self, convolution, relational=False):
        super().__init__()
        self.first, self.second = convolution(FEATURES, WIDTH), convolution(WIDTH, WIDTH)
        self.head = torch.nn.Linear(WIDTH, 2)
        self.relational = relational

    def forward(self, x, edges, kinds):
        more = (kinds,) if self.relational else ()
        x = self.first(x, edges, *more).relu()
        x = self.second(x, edges, *more)
        groups = torch.arange(NODES, device=x.device) // (NODES // 4)
        return self.head(global_mean_pool(x, groups))


def graph(name, convolution, relational=False, **options) -> Case:
    def batch():
        return (
            torch.randn(NODES, FEATURES), torch.randint(NODES, (2, EDGES)), torch.randint(KINDS, (EDGES,)), torch.randint(2, (4,))
        )  # fmt: skip

    return training(
        f"torch_geometric: {name}", lambda: Graph(convolution, relational), batch,
        lambda m, b: F.cross_entropy(m(*b[:3]), b[3]), **options,
    )  # fmt: skip


def isomorphism(inputs, outputs):
    return GINConv(
        torch.nn.Sequential(torch.nn.Linear(inputs, outputs), torch.nn.ReLU(), torch.nn.Linear(outputs, outputs))
    )


def cases() -> list[Case]:
    return [
        graph("GCN", GCNConv, early=True),
        graph("GAT", lambda i, o: GATConv(i, o, heads=2, concat=False)),
        graph("GraphSAGE", SAGEConv),
        graph("GIN", isomorphism),
        graph("RGCN", lambda i, o: RGCNConv(i, o, num_relations=KINDS), relational=True),
        graph("TransformerConv", lambda i, o: TransformerConv(i, o, heads=2, concat=False)),
    ]

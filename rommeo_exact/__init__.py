from .games.models import MatrixGame, StochasticGame, View

    «NAME» = {
      threshold = «THRESHOLD»
      title     = "«TITLE»"
      filter    = "«FILTER»"
    }
